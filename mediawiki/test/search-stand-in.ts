/** A stand-in for OpenSearch: what it keeps is in memory, and it knows the few requests that are made of it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { SearchServer } from '../src/search/search-client.ts'

export interface SearchStandIn extends AsyncDisposable {
  readonly server: Required<Omit<SearchServer, 'ca'>>
  /** Name → aliases. */
  readonly indices: Map<string, readonly string[]>
  /** The wiki of each record in the farm's index; undefined when there is no such index. */
  records: string[] | undefined
  /** What the security plugin keeps, by `kind/name`; undefined without the plugin. */
  security: Map<string, unknown> | undefined
  /** How many pages each wiki's indices hold, whatever the test's stand-ins for scripts have done. */
  documents: number
  /** Settings of the cluster and of every index, by name: what blocks writes. */
  readonly blocks: Set<string>
  /** Before each answer: a status to answer with instead. */
  interfere: (method: string, path: string) => Promise<number | undefined> | number | undefined
}

/** Its administrator's. */
export const standInLogin = { user: 'farm', password: 'p@ss:wörd' }

export async function startSearchStandIn(): Promise<SearchStandIn> {
  const { user, password } = standInLogin
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const indices = new Map<string, readonly string[]>()

  const answerTo = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const { method = '', url = '' } = request
    const wiki = request.headers.authorization === authorization ? undefined : userOf(request)
    if (wiki === undefined && request.headers.authorization !== authorization) return [401, 'Unauthorized']
    const status = await standIn.interfere(method, url)
    if (status !== undefined) return [status, { error: { reason: password } }]
    const { pathname, searchParams } = new URL(url, 'http://stand-in')
    const [, place] = /^\/_plugins\/_security\/api\/(.+)$/.exec(pathname) ?? []
    if (place !== undefined) {
      if (standIn.security === undefined) return [400, { error: `no handler found for uri [${url}]` }]
      if (wiki !== undefined) return [403, { status: 'FORBIDDEN' }]
      return secure(standIn.security, method, place, method === 'PUT' ? await json(request) : undefined)
    }
    if (wiki !== undefined && !reaches(wiki, pathname.slice(1))) {
      return [403, { error: { type: 'security_exception' } }]
    }
    const [, asked] = /^\/([\w*,-]+)\/_alias$/.exec(pathname) ?? []
    if (method === 'GET' && asked !== undefined && searchParams.get('expand_wildcards') === 'all') {
      const prefixes = asked.split(',').map((pattern) => pattern.replace(/\*$/, ''))
      const found = [...indices].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)))
      const told = found.map(([name, aliases]) => [
        name,
        { aliases: Object.fromEntries(aliases.map((of) => [of, {}])) },
      ])
      return [200, Object.fromEntries(told)]
    }
    if (method === 'DELETE' && /^\/[\w-]+$/.test(pathname)) {
      const gone = indices.delete(pathname.slice(1))
      return gone ? [200, { acknowledged: true }] : [404, { error: { type: 'index_not_found_exception' } }]
    }
    const [, counted] = /^\/([\w-]+)\/(?:_refresh|_count)$/.exec(pathname) ?? []
    if (counted !== undefined && counted !== 'mw_cirrus_metastore') return [200, { count: standIn.documents }]
    if (method === 'GET' && pathname === '/') return [200, { version: { number: '7.10.2' } }]
    const set = Object.fromEntries([...standIn.blocks].map((name) => [name, 'true']))
    if (method === 'GET' && pathname === '/_cluster/settings')
      return [200, { persistent: set, transient: {} }]
    if (method === 'GET' && /\/_settings\/index\.blocks\*$/.test(pathname)) {
      return [200, Object.fromEntries([...indices.keys()].map((name) => [name, { settings: set }]))]
    }
    const [, act] = /^\/mw_cirrus_metastore\/(_count|_delete_by_query)$/.exec(pathname) ?? []
    if (method !== 'POST' || act === undefined) return [400, { error: `${method} ${url} is not known here` }]
    const { query } = (await json(request)) as { query: { term: { wiki: string } } }
    if (standIn.records === undefined) return [404, { error: { type: 'index_not_found_exception' } }]
    const others = standIn.records.filter((wiki) => wiki !== query.term.wiki)
    const count = standIn.records.length - others.length
    if (act === '_delete_by_query') standIn.records = others
    return [200, act === '_count' ? { count } : { deleted: count }]
  }

  /** The name of a user of the plugin's, whose password it is. */
  const userOf = ({ headers }: IncomingMessage): string | undefined => {
    const [, encoded = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? []
    const [name = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
    const known = standIn.security?.get(`internalusers/${name}`) as { password: string } | undefined
    return known?.password === rest.join(':') ? name : undefined
  }
  /** By the roles that it is mapped to; a pattern is a name, with or without `*`, or an expression between slashes. */
  const reaches = (name: string, index: string): boolean =>
    [...(standIn.security ?? [])].some(([place, mapping]) => {
      const [kind, role = ''] = place.split('/')
      if (kind !== 'rolesmapping' || !(mapping as { users: string[] }).users.includes(name)) return false
      const { index_permissions: permissions } = standIn.security?.get(`roles/${role}`) as {
        index_permissions: { index_patterns: string[] }[]
      }
      return permissions
        .flatMap(({ index_patterns: patterns }) => patterns)
        .some((pattern) =>
          new RegExp(
            pattern.startsWith('/') ? `^${pattern.slice(1, -1)}$` : `^${pattern.replaceAll('*', '.*')}$`,
          ).test(index),
        )
    })

  const http = createServer((request, response) => {
    answerTo(request).then(
      ([status, body]) => response.writeHead(status).end(JSON.stringify(body)),
      () => response.destroy(),
    )
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const endpoint = `http://127.0.0.1:${String((http.address() as AddressInfo).port)}/`
  const standIn: SearchStandIn = {
    server: { endpoint, user, password },
    indices,
    ...{ records: [], documents: 1_000, blocks: new Set<string>() },
    security: undefined,
    interfere: () => undefined,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return standIn
}

/** As the plugin's API is documented: https://docs.opensearch.org/latest/security/access-control/api/ */
function secure(
  kept: Map<string, unknown>,
  method: string,
  place: string,
  body: unknown,
): readonly [number, unknown] {
  const isThere = kept.has(place)
  if (method === 'GET' && !place.includes('/')) return [200, {}]
  if (method === 'PUT') {
    kept.set(place, body)
    return isThere ? [200, { status: 'OK' }] : [201, { status: 'CREATED' }]
  }
  if (!isThere) return [404, { status: 'NOT_FOUND' }]
  if (method === 'DELETE') kept.delete(place)
  return [200, method === 'DELETE' ? { status: 'OK' } : { [place]: {} }]
}
