/** A copy of MediaWiki as a wiki needs it: without the settings, uploads and caches of whoever had it before. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAtLeast } from './mediawiki-tree.ts'
import { putExtras } from './put-extras.ts'
import { openToRead } from './open-to-read.ts'
import { putOurPhp } from './our-php.ts'

const run = promisify(execFile)
/** Somebody's own, or of no use to an installed wiki. */
const leftOut = new Set([
  ...['LocalSettings.php', 'FarmSettings.php', 'pubwiki.ini', 'images', 'cache', 'config'],
  ...['mw-config', 'docs', 'tests', 'node_modules'],
])

/** Into a folder that is there and empty. */
export async function copyMediaWiki(tree: string, version: string, folder: string): Promise<void> {
  const names = (await readdir(tree)).filter((name) => !leftOut.has(name) && !name.startsWith('.'))
  const options = process.platform === 'linux' ? ['-a', '--reflink=auto'] : ['-a']
  // Links of a package's are followed: `__DIR__` is where a file really is.
  await run('cp', [...options, '-L', '--', ...names.map((name) => join(tree, name)), folder])
  await addOurCode(folder, version)
  await openToRead(folder)
}

/** What Wikistead runs and shows in a wiki, and MediaWiki does not bring: 1.43 has no installPreConfigured either. */
export async function addOurCode(folder: string, version: string): Promise<void> {
  for (const name of ['makeFounder.php', 'changeOwner.php'] as const) {
    await putOurPhp(name, join(folder, 'maintenance', name))
  }
  await putExtras(folder)
  if (isAtLeast(version, '1.44')) return
  await putOurPhp('installPreConfigured.php', join(folder, 'maintenance/installPreConfigured.php'))
}
