/** What MediaWiki's scripts know and nobody is to read in their output, should one of them print it. */
import { join } from 'node:path'
import type { MediaWikiDeps } from './activity-deps.ts'
import { privateKeyFile } from '../folder/oauth-keys.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { readIniValues } from '../ini/pubwiki-file.ts'
import { folderOf } from './task-wiki.ts'

/** Of pubwiki.ini. */
const secretKeys = ['WIKI_DB_PASSWORD', 'WIKI_SECRET_KEY', 'REDIS_PASSWORD', 'OPENSEARCH_PASSWORD'] as const

/** Takes the secrets of one wiki out of a line. */
export async function secretsHider(deps: MediaWikiDeps, slug: string): Promise<(line: string) => string> {
  const { folders, redis, openSearch } = deps
  const key = await readPlainFile(join(folders.oauth, slug, privateKeyFile)).then(
    ({ bytes }) => bytes.toString('utf8'),
    () => '',
  )
  // Whichever task wrote it: one that changes the wiki has not.
  const ini = await readIniValues(folderOf(deps, slug), secretKeys).catch(() => ({}))
  const secrets = [
    ...Object.values(ini).filter((value) => typeof value === 'string'),
    redis?.server.password,
    redis?.shared?.password,
    openSearch?.server.password,
    openSearch?.shared?.password,
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
