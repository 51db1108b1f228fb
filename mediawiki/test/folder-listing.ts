/** Everything that can be seen of a folder: names, kinds, modes, owners, sizes, times, links, contents. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface ListingOptions {
  /** Also inode and change time, which tell of the slightest touch; a copy has others. */
  readonly untouched?: boolean
}

export async function listFolder(
  folder: string,
  { untouched = false }: ListingOptions = {},
): Promise<string[]> {
  const format = `%P\\t%y\\t%m\\t%U:%G\\t%n\\t%l\\t%T@${untouched ? '\\t%i\\t%C@' : ''}\\0`
  const options = { encoding: 'latin1', maxBuffer: 1 << 28 } as const
  const { stdout: names } = await run('find', [folder, '-mindepth', '1', '-printf', format], options)
  const sums = ['-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+']
  const { stdout: contents } = await run('find', ['.', ...sums], { ...options, cwd: folder })
  return [...names.split('\0'), ...contents.split('\0')].toSorted()
}
