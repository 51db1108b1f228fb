/** The MediaWiki that thin wikis share. No other version ever replaces it: the tables of its wikis would not fit. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree, SetupError } from '@wikistead/processes'
import { addOurCode, copyMediaWiki } from './copy-mediawiki.ts'
import { mediaWikiVersion } from './mediawiki-tree.ts'
import { ourPhp, putOurPhp } from './our-php.ts'
import { putExtension } from './put-extension.ts'

/** Makes it when it is missing. @throws SetupError when the folder holds another version, or something else. */
export async function ensureSharedCore(
  tree: string,
  version: string,
  core: string,
  extension?: string,
): Promise<void> {
  if (!existsSync(core)) await makeSharedCore(tree, version, core)
  else await renewSharedCore(version, core)
  if (extension !== undefined) await putExtension(extension, core)
}

async function renewSharedCore(version: string, core: string): Promise<void> {
  const there = await mediaWikiVersion(core)
  if (there === undefined || !(await isShared(core))) {
    throw new SetupError(`${core} holds something that is no shared MediaWiki; name another folder for it`)
  }
  if (there !== version) {
    throw new SetupError(
      `${core} holds MediaWiki ${there}, which wikis may use; name another folder for ${version}`,
    )
  }
  await addOurCode(core, version)
  await putOurPhp('shared-core/LocalSettings.php', join(core, 'LocalSettings.php'))
}

async function makeSharedCore(tree: string, version: string, core: string): Promise<void> {
  const making = `${core}.making`
  await removeTree(making)
  await mkdir(making, { recursive: true, mode: 0o755 })
  await copyMediaWiki(tree, version, making)
  await putOurPhp('shared-core/LocalSettings.php', join(making, 'LocalSettings.php'))
  await rename(making, core)
}

/** Its LocalSettings.php begins like ours, whichever release of Wikistead that was of. */
async function isShared(core: string): Promise<boolean> {
  const [settings, ours] = await Promise.all([
    readFile(join(core, 'LocalSettings.php'), 'utf8').catch(() => ''),
    readFile(ourPhp('shared-core/LocalSettings.php'), 'utf8'),
  ])
  const firstLines = ours.split('\n').slice(0, 3).join('\n')
  return settings.startsWith(firstLines)
}
