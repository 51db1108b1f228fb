import { runHostCommand, type Complaint } from './host-command.ts'

/** As that of `processes`, which says why, and ended with this process: nothing is removed behind whoever comes next. */
export async function removeTree(path: string): Promise<Complaint> {
  return runHostCommand(['rm', '-rf', '--one-file-system', '--', path])
}
