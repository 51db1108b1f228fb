import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Whatever is there, and what is below it. The system's own `rm` goes down by descriptors: who may write in there and swaps a
 * folder for a link meanwhile leads it nowhere, as Node's `rm`, which goes by names, would be led.
 * @throws an error that says in the system's words what could not be removed
 */
export async function removeTree(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--one-file-system', '--', path], { cwd: '/' })
}
