import { runHostCommand, type Complaint } from './host-command.ts'

/**
 * Whatever is there, and what is below it. The system's own `rm` goes down by descriptors: who may write in there and swaps a
 * folder for a link meanwhile leads it nowhere, as Node's `rm`, which goes by names, would be led.
 */
export async function removeTree(path: string): Promise<Complaint> {
  return runHostCommand(['rm', '-rf', '--one-file-system', '--', path])
}
