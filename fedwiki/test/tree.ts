/** Folders whose harm would be seen. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const plantedSecret = 'a-secret-of-the-friends'

/** Makes what a farm takes for a site, with a page and an owner with a secret. */
export async function plantSite(folder: string): Promise<void> {
  await mkdir(join(folder, 'status'), { recursive: true })
  await mkdir(join(folder, 'pages'), { recursive: true })
  const owner = { name: 'Canary', friend: { secret: plantedSecret } }
  await writeFile(join(folder, 'status', 'owner.json'), JSON.stringify(owner))
  await writeFile(join(folder, 'pages', 'welcome-visitors'), '{"title":"Welcome Visitors"}')
}

/** What is under a folder, to be compared with what is there later: every name, kind, mode, size and content. */
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
