/** A stand-in for OpenSearch: what it keeps is in memory, and it knows the few requests that are made of it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { SearchServer } from '../src/search/search-residue.ts'

export interface SearchStandIn extends AsyncDisposable {
  readonly server: Required<SearchServer>
  /** Name → aliases. */
  readonly indices: Map<string, readonly string[]>
  /** The wiki of each record in the farm's index; undefined when there is no such index. */
  records: string[] | undefined
  /** Before each answer: a status to answer with instead. */
  interfere: (method: string, path: string) => Promise<number | undefined> | number | undefined
}

export async function startSearchStandIn(): Promise<SearchStandIn> {
  const [user, password] = ['wikis', 'p@ss:wörd']
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const indices = new Map<string, readonly string[]>()

  const answerTo = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const { method = '', url = '' } = request
    if (request.headers.authorization !== authorization) return [401, 'Unauthorized']
    const status = await standIn.interfere(method, url)
    if (status !== undefined) return [status, { error: { reason: password } }]
    const { pathname, searchParams } = new URL(url, 'http://stand-in')
    const [, prefix] = /^\/(\w+)\*\/_alias$/.exec(pathname) ?? []
    if (method === 'GET' && prefix !== undefined && searchParams.get('expand_wildcards') === 'all') {
      const found = [...indices].filter(([name]) => name.startsWith(prefix))
      const told = found.map(([name, aliases]) => [
        name,
        { aliases: Object.fromEntries(aliases.map((of) => [of, {}])) },
      ])
      return [200, Object.fromEntries(told)]
    }
    if (method === 'DELETE' && /^\/\w+$/.test(pathname)) {
      const gone = indices.delete(pathname.slice(1))
      return gone ? [200, { acknowledged: true }] : [404, { error: { type: 'index_not_found_exception' } }]
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
    records: [],
    interfere: () => undefined,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return standIn
}
