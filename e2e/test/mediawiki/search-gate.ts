/** A gate before a real OpenSearch: below a path, with a password, and shut when a test says so. */
import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SearchServer } from '@wikistead/mediawiki'

export interface SearchGate extends AsyncDisposable {
  readonly server: Required<SearchServer>
  /** undefined: open; a status: whom it lets in gets that answer; `away`: connections are cut. */
  shut: number | 'away' | ((method: string, path: string) => number | undefined) | undefined
  /** What was asked while it was shut. */
  readonly turnedAway: string[]
  /** Requests that came without the password. */
  readonly unknown: string[]
}

export async function startSearchGate(opensearch: string): Promise<SearchGate> {
  const [user, password] = ['farm', 'p@ss:wörd']
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const path = '/below/here'
  const http = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const { shut } = gate
    if (shut === 'away') {
      gate.turnedAway.push(`${method} ${url}`)
      request.socket.destroy()
      return
    }
    const end = (status: number) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":"gate"}')
    if (headers.authorization !== authorization) {
      gate.unknown.push(`${method} ${url}`)
      response.setHeader('www-authenticate', 'Basic realm="gate"')
      return end(401)
    }
    if (!url.startsWith(`${path}/`) && url !== path) return end(404)
    const status = typeof shut === 'function' ? shut(method, url.slice(path.length)) : shut
    if (status !== undefined) {
      gate.turnedAway.push(`${method} ${url}`)
      return end(status)
    }
    const { authorization: _, host: __, ...passed } = headers
    const onward = ask(
      new URL(url.slice(path.length) || '/', opensearch),
      { method, headers: passed },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    request.pipe(onward)
    return undefined
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
