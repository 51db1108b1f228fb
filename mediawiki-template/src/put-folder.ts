/** A folder of ours in a MediaWiki that wikis may be using. */
import { execFile } from 'node:child_process'
import { lstat, mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { removeTree } from '@wikistead/processes'
import { openToRead } from './open-to-read.ts'

/** Puts a copy there, or this one in place of another: never half of one. */
export async function putFolder(from: string, target: string): Promise<void> {
  const [making, old] = [`${target}.${String(process.pid)}.making`, `${target}.${String(process.pid)}.old`]
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 })
    await promisify(execFile)('cp', ['-R', '--', from, making])
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
