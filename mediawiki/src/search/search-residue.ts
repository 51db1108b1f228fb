/**
 * What OpenSearch holds of a wiki: its indices, under today's names and those of earlier releases, and records in an index of
 * the whole farm. No pattern is ever deleted: `ada_*` would take the indices of the wiki ada-lab along.
 */
import { databaseName } from '../names/slug.ts'
import { unexpected, withSearch, type Ask, type SearchServer, type SearchWork } from './search-client.ts'
import { farmIndex, indexSearch, isIndexOf, isOldIndexOf } from './wiki-indices.ts'

/** How many there are of each. */
export interface SearchResidue {
  readonly indices: number
  /** In the farm's own index, which wikis share. */
  readonly records: number
}

/** @throws ProvisioningFault when OpenSearch does not answer, or not as it should */
export async function searchResidue(
  server: SearchServer,
  slug: string,
  work: SearchWork = {},
): Promise<SearchResidue> {
  return withSearch(server, work, (ask) => count(ask, databaseName(slug)))
}

/** Takes it all away, if there is anything. @returns what is left, see `searchResidue` */
export async function dropSearchIndices(
  server: SearchServer,
  slug: string,
  work: SearchWork = {},
): Promise<SearchResidue> {
  return withSearch(server, work, async (ask) => {
    const database = databaseName(slug)
    for (const index of await indicesOf(ask, database)) {
      await ask('DELETE', `/${encodeURIComponent(index)}`)
    }
    await ask('POST', `/${farmIndex}/_delete_by_query?conflicts=proceed&refresh=true`, recordsOf(database))
    return count(ask, database)
  })
}

/** Takes away what is there under the names of earlier releases alone. @returns how many indices that were */
export async function dropOldIndices(
  server: SearchServer,
  database: string,
  work: SearchWork = {},
): Promise<number> {
  return withSearch(server, work, async (ask) => {
    const old = await indicesOf(ask, database, isOldIndexOf)
    for (const index of old) await ask('DELETE', `/${encodeURIComponent(index)}`)
    return old.length
  })
}

const recordsOf = (database: string): object => ({ query: { term: { wiki: database } } })

async function count(ask: Ask, database: string): Promise<SearchResidue> {
  const indices = await indicesOf(ask, database)
  const found = (await ask('POST', `/${farmIndex}/_count`, recordsOf(database))) ?? { count: 0 }
  const { count: records } = found as { readonly count?: unknown }
  if (typeof records !== 'number') throw unexpected('answer')
  return { indices: indices.length, records }
}

async function indicesOf(ask: Ask, database: string, isOne = isIndexOf): Promise<readonly string[]> {
  const found = (await ask('GET', `/${indexSearch(database)}/_alias?expand_wildcards=all`)) ?? {}
  return Object.entries(found).flatMap(([index, about]) => {
    const { aliases } = about as { readonly aliases?: object }
    if (aliases === undefined) throw unexpected('answer')
    return isOne(database, index, Object.keys(aliases)) ? [index] : []
  })
}
