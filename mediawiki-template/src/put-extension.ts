/** The extension WikiFarm in a MediaWiki. It is loaded by those wikis only whose pubwiki.ini names Wikistead: the hub. */
import { execFile } from 'node:child_process'
import { lstat, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { removeTree } from '@wikistead/processes'
import { openToRead } from './open-to-read.ts'

const run = promisify(execFile)

/** Puts it there, or that of this release in place of another's: never half of one. */
export async function putExtension(extension: string, mediawiki: string): Promise<void> {
  const extensions = join(mediawiki, 'extensions')
  const target = join(extensions, 'WikiFarm')
  const [making, old] = [`${target}.${String(process.pid)}.making`, `${target}.${String(process.pid)}.old`]
  try {
    await mkdir(extensions, { recursive: true, mode: 0o755 })
    await run('cp', ['-R', '--', extension, making])
    await openToRead(making)
    if (await isThere(target)) await rename(target, old)
    await rename(making, target)
  } finally {
    for (const each of [making, old]) await removeTree(each)
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
