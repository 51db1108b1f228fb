/** Programs on a machine whose clock is wrong: a real process under libfaketime. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * The command that runs another `by` so many seconds off. What measures how long something takes stays right, as it does
 * on such a machine.
 */
export const underClock = (
  by: number,
): { readonly command: string[]; readonly env: Record<string, string> } => ({
  command: ['faketime', '-f', `${by < 0 ? '-' : '+'}${String(Math.abs(by))}s`],
  env: { FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
})

/** Runs a module's text there; gives back what it wrote. */
export async function runUnderClock(by: number, program: string): Promise<string> {
  const { command, env } = underClock(by)
  const [faketime = '', ...args] = command
  const { stdout } = await promisify(execFile)(
    faketime,
    [...args, process.execPath, '--input-type=module', '-e', program],
    { env: { ...process.env, ...env } },
  )
  return stdout
}
