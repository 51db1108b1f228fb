/** A gate before a real OpenSearch: below a path, with a password, and shut when a test says so. */
import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { SearchServer } from '@wikistead/mediawiki'

export interface SearchGate extends AsyncDisposable {
  readonly server: Required<Omit<SearchServer, 'ca'>>
  /** undefined: open; a status: whom it lets in gets that answer; `away`: connections are cut. */
  shut: number | 'away' | ((method: string, path: string, body: string) => number | undefined) | undefined
  /** What was asked while it was shut. */
  readonly turnedAway: string[]
  /** Requests that came without the password. */
  readonly unknown: string[]
}

export async function startSearchGate(opensearch: string): Promise<SearchGate> {
  const [user, password] = ['farm', 'p@ss:wörd']
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const path = '/below/here'
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const body = await buffer(request)
    const end = (status: number): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":"gate"}')
    }
    const { shut } = gate
    if (shut === 'away') {
      gate.turnedAway.push(`${method} ${url}`)
      response.destroy()
      return
    }
    if (headers.authorization !== authorization) {
      gate.unknown.push(`${method} ${url}`)
      response.setHeader('www-authenticate', 'Basic realm="gate"')
      end(401)
      return
    }
    if (!url.startsWith(`${path}/`) && url !== path) {
      end(404)
      return
    }
    const below = url.slice(path.length) || '/'
    const status = typeof shut === 'function' ? shut(method, below, body.toString('utf8')) : shut
    if (status !== undefined) {
      gate.turnedAway.push(`${method} ${url}`)
      end(status)
      return
    }
    const passed = { ...headers }
    delete passed.authorization
    delete passed.host
    const onward = ask(new URL(below, opensearch), { method, headers: passed }, (told) => {
      response.writeHead(told.statusCode ?? 502, told.headers)
      told.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(body)
  }
  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const port = String((http.address() as AddressInfo).port)
  const gate: SearchGate = {
    server: { endpoint: `http://127.0.0.1:${port}${path}`, user, password },
    ...{ shut: undefined, turnedAway: [], unknown: [] },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return gate
}
