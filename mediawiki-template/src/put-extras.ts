/** What people expect of a wiki (`php/extras`), in a MediaWiki; only wikis whose pubwiki.ini says WIKI_EXTRAS load it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { putOurPhp } from './our-php.ts'
import { putFolder } from './put-folder.ts'

export async function putExtras(mediawiki: string): Promise<void> {
  await putFolder(fileURLToPath(new URL('../php/extras', import.meta.url)), join(mediawiki, 'extras'))
  // Web servers show what is in here.
  const assets = join(mediawiki, 'resources/assets')
  await mkdir(assets, { recursive: true, mode: 0o755 })
  await putOurPhp('extras/wikistead.svg', join(assets, 'wikistead.svg'))
}
