/**
 * The system's own file commands, which copy and remove ten thousand files several times faster than Node. None of
 * them outlives us: the kernel ends it with its parent, so a killed worker leaves no copy going on behind the next one.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { errorCode } from './task-marker.ts'

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
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    // The first complaint tells the cause; a full disk has one for each file.
    if (complaint.length < 2_000) complaint += chunk.toString()
  })
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    signal?.throwIfAborted()
    return code === 0 ? undefined : complaint || `exit code ${String(code)}`
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new Error('setpriv of util-linux is missing', { cause: error })
    throw error
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}
