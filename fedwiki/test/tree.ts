/** What is under a folder, to be compared with what is there later: every name, kind, mode, size and content. */
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

export async function tree(folder: string): Promise<Record<string, string>> {
  const paths = [folder]
  const found: Record<string, string> = {}
  // Grows while it is gone through.
  for (const path of paths) {
    const stat = await lstat(path)
    if (stat.isDirectory()) paths.push(...(await readdir(path)).map((name) => join(path, name)))
    const content = stat.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : stat.isSymbolicLink()
        ? await readlink(path)
        : ''
    found[path] = [stat.mode.toString(8), stat.isDirectory() ? 'folder' : stat.size, content].join(' ')
  }
  return found
}
