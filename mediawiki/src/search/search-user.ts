/**
 * A wiki's user of OpenSearch, its role and what maps the two, by the API of the security plugin. The role reaches the wiki's
 * own indices; in the farm's index, which CirrusSearch keeps for all wikis, it reads and writes records and deletes no index.
 */
import { withSearch, type SearchServer, type SearchWork } from './search-client.ts'
import { farmIndexPatterns, indexPatternsOf, oldIndexPatternsOf } from './wiki-indices.ts'

/** Never another wiki's: no two wikis have one database. */
export const searchUserName = (database: string): string => `wiki.${database}`

export interface SearchUser {
  readonly database: string
  readonly password: string
  /** Whether it reaches what earlier releases called its indices as well; default not. */
  readonly oldNames?: boolean
}

const api = '/_plugins/_security/api'
/** As a server without the plugin, or one that does not let us, may answer. */
const cannot = [400, 403, 405, 501]

const placesOf = (database: string): readonly string[] =>
  ['rolesmapping', 'internalusers', 'roles'].map(
    (kind) => `${api}/${kind}/${encodeURIComponent(searchUserName(database))}`,
  )

/** Whether the server lets us make users. @throws ProvisioningFault */
export async function canMakeSearchUsers(server: SearchServer, work: SearchWork = {}): Promise<boolean> {
  return withSearch(
    server,
    work,
    async (ask) => (await ask('GET', `${api}/rolesmapping`, undefined, cannot)) !== undefined,
  )
}

/**
 * Makes it, or makes it so again.
 * @returns false when this OpenSearch does not let us make users, and then nothing was changed
 * @throws ProvisioningFault
 */
export async function setSearchUser(
  server: SearchServer,
  { database, password, oldNames = false }: SearchUser,
  work: SearchWork = {},
): Promise<boolean> {
  return withSearch(server, work, async (ask) => {
    const [mapping = '', user = '', role = ''] = placesOf(database)
    if ((await ask('PUT', role, roleOf(database, oldNames), cannot)) === undefined) return false
    await ask('PUT', user, { password })
    await ask('PUT', mapping, { users: [searchUserName(database)] })
    return true
  })
}

/** What its user reaches, nothing else of it; nothing where there is no such user. @throws ProvisioningFault */
export async function setSearchReach(
  server: SearchServer,
  { database, oldNames }: Required<Omit<SearchUser, 'password'>>,
  work: SearchWork = {},
): Promise<void> {
  await withSearch(server, work, async (ask) => {
    const [, , role = ''] = placesOf(database)
    if ((await ask('GET', role, undefined, cannot)) === undefined) return
    await ask('PUT', role, roleOf(database, oldNames), cannot)
  })
}

/** Nothing where there is none. @throws ProvisioningFault */
export async function dropSearchUser(
  server: SearchServer,
  database: string,
  work: SearchWork = {},
): Promise<void> {
  await withSearch(server, work, async (ask) => {
    for (const place of placesOf(database)) await ask('DELETE', place, undefined, cannot)
  })
}

/** Whether there is anything of it. False where the server does not say. @throws ProvisioningFault */
export async function hasSearchUser(
  server: SearchServer,
  database: string,
  work: SearchWork = {},
): Promise<boolean> {
  return withSearch(server, work, async (ask) => {
    for (const place of placesOf(database)) {
      if ((await ask('GET', place, undefined, cannot)) !== undefined) return true
    }
    return false
  })
}

function roleOf(database: string, oldNames: boolean): object {
  const patterns = [...indexPatternsOf(database), ...(oldNames ? oldIndexPatternsOf(database) : [])]
  return {
    cluster_permissions: ['cluster_composite_ops', 'cluster_monitor', 'indices:data/write/reindex'],
    index_permissions: [
      { index_patterns: patterns, allowed_actions: ['indices_all'] },
      {
        index_patterns: farmIndexPatterns,
        allowed_actions: ['crud', 'create_index', 'manage_aliases', 'indices_monitor', ...farmActions],
      },
    ],
  }
}

const farmActions = [
  'indices:admin/get',
  'indices:admin/exists',
  'indices:admin/mapping*',
  'indices:admin/refresh*',
]
