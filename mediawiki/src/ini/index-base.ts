/** Under which base a wiki's indices are in OpenSearch, as its pubwiki.ini and its LocalSettings.php have it. */
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { readPlainFile } from '../folder/plain-file.ts'
import { changePubwikiIni, readIniValues } from './pubwiki-file.ts'

const baseKey = 'OPENSEARCH_INDEX_BASE'

/** Whether that of earlier releases: of a wiki that nobody has carried over, or whose settings know no other. */
export async function hasOldIndexBase(folder: string): Promise<boolean> {
  const said = await readIniValues(folder, [baseKey])
  return said[baseKey] === undefined || !(await readsBase(folder))
}

/** From now on MediaWiki reads and writes there. @throws Refusal `template_broken`, and then nothing was changed */
export async function setIndexBase(folder: string, base: string): Promise<void> {
  await requireIndexBase(folder)
  await changePubwikiIni(folder, { [baseKey]: base })
}

/** @throws Refusal `template_broken` where the wiki's LocalSettings.php takes no notice of it */
export async function requireIndexBase(folder: string): Promise<void> {
  if (await readsBase(folder)) return
  throw new Refusal(
    'template_broken',
    'The wiki’s LocalSettings.php does not read OPENSEARCH_INDEX_BASE. An operator puts today’s there.',
  )
}

/** What cannot be read may know anything. */
async function readsBase(folder: string): Promise<boolean> {
  const settings = await readPlainFile(join(folder, 'LocalSettings.php')).catch(() => undefined)
  return settings?.bytes.includes(baseKey) ?? true
}
