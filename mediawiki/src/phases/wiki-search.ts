/** A wiki's way into OpenSearch, before its pubwiki.ini says so: a user of its own where the server makes one. */
import type { MediaWikiDeps } from './activity-deps.ts'
import { newPassword, readKept } from '../ini/pubwiki-file.ts'
import type { SearchLogin } from '../ini/pubwiki-values.ts'
import { databaseName } from '../names/slug.ts'
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

/** Only with a login that is Wikistead's alone: what all wikis know is nobody's to make users with. */
export function usesSearchUsers({
  openSearch,
  search,
}: Pick<MediaWikiDeps, 'openSearch' | 'search'>): boolean {
  if (search !== 'cirrus' || openSearch?.server.user === undefined) return false
  return openSearch.server.user !== openSearch.shared?.user
}
