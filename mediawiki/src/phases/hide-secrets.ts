/**
 * What MediaWiki's scripts know and nobody is to read in their output, should one of them print it: what this process knows,
 * and what is this wiki's alone.
 */
import { join } from 'node:path'
import { HiddenWords, hideSecrets } from '@wikistead/contracts/hide-secrets'
import type { MediaWikiDeps } from './activity-deps.ts'
import { privateKeyFile } from '../folder/oauth-keys.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { readIniValues, type IniValues } from '../ini/pubwiki-file.ts'
import { folderOf } from './task-wiki.ts'

/** In pubwiki.ini, as the file has them, whatever the settings have become since: a rotation may be under way. */
const secretKeys = [
  ...['WIKI_DB_PASSWORD', 'WIKI_SECRET_KEY', 'REDIS_PASSWORD', 'OPENSEARCH_PASSWORD'],
  ...['WIKI_DB_NEXT_PASSWORD', 'WIKIFARM_SERVICE_SECRET'],
]

/** Takes the secrets of one wiki out of a line. */
export async function secretsHider(deps: MediaWikiDeps, slug: string): Promise<(line: string) => string> {
  const key = await readPlainFile(join(deps.folders.oauth, slug, privateKeyFile)).then(
    ({ bytes }) => bytes.toString('utf8'),
    () => '',
  )
  const ini: IniValues = await readIniValues(folderOf(deps, slug), secretKeys).catch(() => ({}))
  const words = new HiddenWords()
  for (const value of Object.values(ini)) if (typeof value === 'string') words.learn(value)
  // Its output comes line by line, and so does a key. What stands around it is no secret, and its last line may be short.
  for (const line of key.split('\n')) if (line.length > 8 && !line.startsWith('-')) words.learn(line)
  return (line) => hideSecrets(words.hide(line))
}
