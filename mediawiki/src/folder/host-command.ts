/**
 * The system's own file commands, which copy and remove ten thousand files several times faster than Node. None of
 * them outlives us: the kernel ends it with its parent, so a killed worker leaves no copy going on behind the next one.
 */
import { beginCommand, type BegunCommand } from '../starter/command-starter.ts'
import { errorCode } from './error-code.ts'

export interface HostCommandOptions {
  readonly signal?: AbortSignal | undefined
  /** Gets the standard output as it comes. */
  readonly onOutput?: (chunk: Buffer) => void
}

/** What the command complained of, in the C locale's words; undefined when it ended well. */
export type Complaint = string | undefined

/** Ends only after the command has; an aborted one is killed first, and then the signal's reason is thrown. */
export async function runHostCommand(
  command: readonly [string, ...string[]],
  { signal, onOutput }: HostCommandOptions = {},
): Promise<Complaint> {
  signal?.throwIfAborted()
  let complaint = ''
  const child = await begin(command, {
    onStdout: onOutput,
    onStderr(chunk) {
      // The first complaint tells the cause; a full disk has one for each file.
      if (complaint.length < 2_000) complaint += chunk.toString()
    },
  })
  const kill = () => child.kill()
  signal?.addEventListener('abort', kill)
  if (signal?.aborted === true) kill()
  try {
    const code = await child.ended
    signal?.throwIfAborted()
    return code === 0 ? undefined : complaint || `exit code ${String(code)}`
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

async function begin(
  command: readonly string[],
  {
    onStdout,
    onStderr,
  }: { readonly onStdout: HostCommandOptions['onOutput']; readonly onStderr: (chunk: Buffer) => void },
): Promise<BegunCommand> {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
  try {
    return await beginCommand(
      ['setpriv', '--pdeathsig', 'KILL', ...command],
      { env, output: true },
      { ...(onStdout !== undefined && { onStdout }), onStderr },
    )
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new Error('setpriv of util-linux is missing', { cause: error })
    throw error
  }
}
