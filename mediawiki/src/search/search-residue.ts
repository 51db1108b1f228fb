/**
 * What OpenSearch holds of a wiki, by the names that CirrusSearch gives: indices `DATABASE_content_first`, `…_general_…`
 * and the like, with DATABASE as the alias of those that are searched, and records in an index of the whole farm. No
 * pattern is ever deleted: `ada_*` would take the indices of the wiki ada-lab along.
 */
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { databaseName } from '../names/slug.ts'

export interface SearchServer {
  /** OPENSEARCH_ENDPOINT. */
  readonly endpoint: string
  readonly user?: string | undefined
  readonly password?: string | undefined
}

export interface SearchWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

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

/** Answers undefined where there is no such thing. */
type Ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>

const farmIndex = 'mw_cirrus_metastore'

const recordsOf = (database: string): object => ({ query: { term: { wiki: database } } })

async function count(ask: Ask, database: string): Promise<SearchResidue> {
  const indices = await indicesOf(ask, database)
  const found = (await ask('POST', `/${farmIndex}/_count`, recordsOf(database))) ?? { count: 0 }
  const { count: records } = found as { readonly count?: unknown }
  if (typeof records !== 'number') throw unexpected('answer')
  return { indices: indices.length, records }
}

async function indicesOf(ask: Ask, database: string): Promise<readonly string[]> {
  const found = (await ask('GET', `/${database}_*/_alias?expand_wildcards=all`)) ?? {}
  return Object.entries(found).flatMap(([index, about]) => {
    const { aliases } = about as { readonly aliases?: object }
    if (aliases === undefined) throw unexpected('answer')
    return isOf(database, index, Object.keys(aliases)) ? [index] : []
  })
}

/** Whether it is this wiki's, and not that of one whose database only begins like this. */
function isOf(database: string, index: string, aliases: readonly string[]): boolean {
  if (!index.startsWith(`${database}_`)) return false
  const rest = index.slice(database.length + 1)
  // The last is of an index that is there without the script that makes them, by a late write.
  if (/^(?:content|general|archive|titlesuggest)(?:_(?:first|\d+))?$/.test(rest)) return true
  // An operator's own kind of index.
  return /^.+_[^_]+$/.test(rest) && aliases.includes(database)
}

async function withSearch<T>(
  { endpoint, user, password }: SearchServer,
  { signal, deadlineMs = 50_000 }: SearchWork,
  act: (ask: Ask) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const ending = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const base = endpoint.replace(/\/+$/, '')
  const headers = {
    'content-type': 'application/json',
    ...(user !== undefined && user !== '' && { authorization: basic(user, password ?? '') }),
  }
  return act(async (method, path, body) => {
    signal?.throwIfAborted()
    try {
      const answer = await fetch(`${base}${path}`, {
        ...{ method, headers, signal: ending, redirect: 'error' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (answer.status === 404) return undefined
      if (!answer.ok) throw unexpected(String(answer.status))
      return JSON.parse(text) as unknown
    } catch (error) {
      if (error instanceof ProvisioningFault) throw error
      if (signal?.aborted === true) throw signal.reason
      if (deadline.aborted) throw new ProvisioningFault('OpenSearch did not answer in time.', 'deadline')
      if (error instanceof SyntaxError) throw unexpected('answer')
      throw new ProvisioningFault('OpenSearch could not be reached.', codeOf(error))
    }
  })
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function unexpected(reason: string): ProvisioningFault {
  return new ProvisioningFault(`OpenSearch did not do what it was asked for (${reason}).`, reason)
}

/** fetch() has its cause's. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'
}
