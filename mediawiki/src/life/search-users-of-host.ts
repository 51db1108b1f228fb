/** A host's wikis that an earlier release made with the login that all shared: each gets a user of OpenSearch of its own. */
import { join } from 'node:path'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { usesSearchUsers } from '../phases/wiki-search.ts'
import { newPassword, readIniValues, renewPubwikiValues, type IniValues } from '../ini/pubwiki-file.ts'
import type { IniValue } from '../ini/pubwiki-ini.ts'
import { searchValues } from '../ini/pubwiki-values.ts'
import { databaseName } from '../names/slug.ts'
import { madeWikis } from './made-wikis.ts'
import { hasOldIndexBase } from '../ini/index-base.ts'
import { searchEndpoint } from '../search/search-endpoint.ts'
import { canMakeSearchUsers, dropSearchUser, searchUserName, setSearchUser } from '../search/search-user.ts'

type Deps = Pick<MediaWikiDeps, 'store' | 'folders' | 'openSearch' | 'search'>

/** @throws the first fault, once all the other wikis had their turn */
export async function giveSearchUsersToHost(deps: Deps, host: string, signal: AbortSignal): Promise<void> {
  const { store, folders, openSearch } = deps
  if (openSearch === undefined || !usesSearchUsers(deps)) return
  const { server } = openSearch
  let able: boolean | undefined
  let first: { readonly error: unknown } | undefined
  for await (const { address: slug, task_id: heldBy } of madeWikis(store, host)) {
    signal.throwIfAborted()
    const folder = join(folders.wikis, slug)
    const user = searchUserName(databaseName(slug))
    // The pubwiki.ini of one that is being changed is its task's to write.
    if (heldBy !== null || !(await signsInOtherwise(folder, server.endpoint, user))) continue
    able ??= await canMakeSearchUsers(server, { signal })
    if (!able) return
    try {
      const [database, password] = [databaseName(slug), newPassword()]
      const oldNames = await hasOldIndexBase(folder)
      if (!(await setSearchUser(server, { database, password, oldNames }, { signal }))) return
      await renewPubwikiValues(folder, searchValues({ user, password }))
      // Who removes the wiki meanwhile takes its user first and its folder last, and then counts.
      if (!(await signsInAs(folder, user))) await dropSearchUser(server, database, { signal })
    } catch (error) {
      first ??= { error }
    }
  }
  if (first !== undefined) throw first.error
}

async function signsInOtherwise(folder: string, endpoint: string, user: string): Promise<boolean> {
  const said: IniValues = await readIniValues(folder, ['OPENSEARCH_ENDPOINT', 'OPENSEARCH_USER']).catch(
    () => ({}),
  )
  return isSame(said['OPENSEARCH_ENDPOINT'], endpoint) && said['OPENSEARCH_USER'] !== user
}

/** However it is written: earlier releases left the scheme's port out. */
function isSame(said: IniValue | undefined, endpoint: string): boolean {
  if (typeof said !== 'string' || !URL.canParse(said)) return false
  return searchEndpoint(said).url === searchEndpoint(endpoint).url
}

async function signsInAs(folder: string, user: string): Promise<boolean> {
  const said: IniValues = await readIniValues(folder, ['OPENSEARCH_USER']).catch(() => ({}))
  return said['OPENSEARCH_USER'] === user
}
