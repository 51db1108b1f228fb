/** A wiki's way into OpenSearch, before its pubwiki.ini says so: a user of its own where the server makes one. */
import { join } from 'node:path'
import type { MediaWikiDeps } from './activity-deps.ts'
import { newPassword, readIniValues, readKept } from '../ini/pubwiki-file.ts'
import type { SearchLogin } from '../ini/pubwiki-values.ts'
import { databaseName } from '../names/slug.ts'
import { requireSearch } from '../search/search-state.ts'
import { searchUserName, setSearchUser } from '../search/search-user.ts'
import type { LoginOfWiki } from './wiki-redis.ts'

/** Done again by the same task, it keeps the password. @throws ProvisioningFault */
export async function provideSearchLogin(
  deps: Pick<MediaWikiDeps, 'openSearch' | 'search'>,
  { folder, slug, task, signal }: LoginOfWiki,
): Promise<SearchLogin | undefined> {
  const { openSearch } = deps
  if (openSearch === undefined || !usesSearchUsers(deps)) return openSearch?.shared
  const database = databaseName(slug)
  const user = searchUserName(database)
  const isKept = (await readKept(folder, task, 'OPENSEARCH_USER')) === user
  const before = isKept ? await readKept(folder, task, 'OPENSEARCH_PASSWORD') : undefined
  const password = before ?? newPassword()
  const made = await setSearchUser(openSearch.server, { database, password }, { signal })
  return made ? { user, password } : openSearch.shared
}

/**
 * For a script of CirrusSearch: whether its OpenSearch lets it in and takes what it writes. Undefined without one.
 */
export function searchNeeds(
  { openSearch, folders }: Pick<MediaWikiDeps, 'openSearch' | 'folders'>,
  slug: string,
): ((signal: AbortSignal) => Promise<void>) | undefined {
  if (openSearch === undefined) return undefined
  return async (signal) => {
    const keys = ['OPENSEARCH_USER', 'OPENSEARCH_PASSWORD']
    const [user, password] = Object.values(await readIniValues(join(folders.wikis, slug), keys)).map(
      (value) => (typeof value === 'string' && value !== '' ? value : undefined),
    )
    const work = { signal, deadlineMs: 20_000 }
    await requireSearch(openSearch.server, { user, password }, databaseName(slug), work)
  }
}

/** Only with a login that is Wikistead's alone: what all wikis know is nobody's to make users with. */
export function usesSearchUsers({
  openSearch,
  search,
}: Pick<MediaWikiDeps, 'openSearch' | 'search'>): boolean {
  if (search !== 'cirrus' || openSearch?.server.user === undefined) return false
  return openSearch.server.user !== openSearch.shared?.user
}
