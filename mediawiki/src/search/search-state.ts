/** Whether OpenSearch can do what a script of CirrusSearch asks of it: asked of OpenSearch itself, as exit codes tell nothing of it. */
import { Refusal } from '@wikistead/contracts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { unexpected, withSearch, type Ask, type SearchServer, type SearchWork } from './search-client.ts'
import { farmIndex, indexBase } from './wiki-indices.ts'

/** Nothing mends these between two attempts. */
const denied: ReadonlySet<string> = new Set(['401', '403'])

/**
 * @param as how the wiki signs in there
 * @throws ProvisioningFault while it is away, not ready or overloaded; Refusal `search_denied`, `search_blocked`
 */
export async function requireSearch(
  server: SearchServer,
  as: Pick<SearchServer, 'user' | 'password'>,
  database: string,
  work: SearchWork = {},
): Promise<void> {
  try {
    // Its own door is shut to nobody who may do anything there.
    await withSearch({ endpoint: server.endpoint, ...as }, work, (ask) => ask('GET', '/'))
  } catch (error) {
    if (!(error instanceof ProvisioningFault) || !denied.has(error.reason)) throw error
    throw new Refusal(
      'search_denied',
      `OpenSearch does not let the wiki in as ${as.user === undefined || as.user === '' ? 'nobody' : as.user} (${error.reason}). Mend opensearch-user and opensearch-password.`,
    )
  }
  const block = await writeBlock(server, database, work)
  if (block !== undefined) throw blocked(block)
}

export function blocked(block: string): Refusal {
  return new Refusal(
    'search_blocked',
    `OpenSearch takes no writes (${block}): most often its disk is full. Make room there and take the block away, then have the wiki indexed again.`,
  )
}

/** The name of what keeps this wiki's indices, or the farm's, from being written. @throws ProvisioningFault */
export async function writeBlock(
  server: SearchServer,
  database: string,
  work: SearchWork = {},
): Promise<string | undefined> {
  return withSearch(
    server,
    work,
    async (ask) => (await clusterBlock(ask)) ?? (await indexBlock(ask, database)),
  )
}

async function clusterBlock(ask: Ask): Promise<string | undefined> {
  // Who may not ask sees what becomes of the indices.
  const settings = (await ask('GET', '/_cluster/settings?flat_settings=true', undefined, [403])) ?? {}
  const { persistent = {}, transient = {} } = settings as { persistent?: Flat; transient?: Flat }
  return setIn({ ...persistent, ...transient }, /^cluster\.blocks\.read_only/)
}

async function indexBlock(ask: Ask, database: string): Promise<string | undefined> {
  const names = `${indexBase(database)}_*,${farmIndex}*`
  const query = 'flat_settings=true&ignore_unavailable=true&allow_no_indices=true&expand_wildcards=all'
  const found = (await ask('GET', `/${names}/_settings/index.blocks*?${query}`, undefined, [403])) ?? {}
  for (const [index, { settings = {} }] of Object.entries(found as Record<string, { settings?: Flat }>)) {
    const block = setIn(settings, /^index\.blocks\.(?:read_only|write)/)
    if (block !== undefined) return `${block} of ${index}`
  }
  return undefined
}

type Flat = Readonly<Record<string, unknown>>
const setIn = (settings: Flat, name: RegExp): string | undefined =>
  Object.entries(settings).find(([key, value]) => name.test(key) && String(value) === 'true')?.[0]

/** How many pages can be found under a base. @throws ProvisioningFault, also where there is no such index */
export async function countIndexed(
  server: SearchServer,
  base: string,
  work: SearchWork = {},
): Promise<number> {
  return withSearch(server, work, async (ask) => {
    await ask('POST', `/${base}/_refresh`)
    const { count } = ((await ask('GET', `/${base}/_count`)) ?? { count: 0 }) as { readonly count?: unknown }
    if (typeof count !== 'number') throw unexpected('answer')
    return count
  })
}
