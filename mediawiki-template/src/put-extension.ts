/** The extension WikiFarm in a MediaWiki. It is loaded by those wikis only whose pubwiki.ini names Wikistead: the hub. */
import { join } from 'node:path'
import { putFolder } from './put-folder.ts'

/** Puts it there, or that of this release in place of another's: never half of one. */
export async function putExtension(extension: string, mediawiki: string): Promise<void> {
  await putFolder(extension, join(mediawiki, 'extensions', 'WikiFarm'))
}
