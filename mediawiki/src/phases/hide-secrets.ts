/** What MediaWiki's scripts know and nobody is to read in their output, should one of them print it. */
import { join } from 'node:path'
import type { MediaWikiDeps } from './activity-deps.ts'
import { privateKeyFile } from '../folder/oauth-keys.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { readIniValues } from '../ini/pubwiki-file.ts'
import { folderOf } from './task-wiki.ts'

/** Takes the secrets of one wiki out of a line. */
export async function secretsHider(deps: MediaWikiDeps, slug: string): Promise<(line: string) => string> {
  const { farm, folders } = deps
  const key = await readPlainFile(join(folders.oauth, slug, privateKeyFile)).then(
    ({ bytes }) => bytes.toString('utf8'),
    () => '',
  )
  // Whichever task wrote it: one that changes the wiki has not.
  const ini = await readIniValues(folderOf(deps, slug), ['WIKI_DB_PASSWORD']).catch(() => undefined)
  const password = ini?.['WIKI_DB_PASSWORD']
  const secrets = [
    typeof password === 'string' ? password : undefined,
    farm.redis?.password,
    farm.openSearch?.password,
    // Its output comes line by line, and so does a key. What stands around it is no secret, and its last line may be short.
    ...key.split('\n').filter((line) => line.length > 8 && !line.startsWith('-')),
  ].filter((secret) => secret !== undefined && secret !== '')
  // As it is, in an address, and in JSON.
  const words = new Set(
    secrets.flatMap((secret = '') => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]),
  )
  return (line) => [...words].reduce((text, word) => text.replaceAll(word, '[secret]'), line)
}
