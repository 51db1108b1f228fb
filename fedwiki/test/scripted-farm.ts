/**
 * Stands in for a farm where a real one cannot be made to misbehave: answers what the test says, and keeps what it was
 * asked. Tests that use it say "scripted farm" in their names.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ScriptedFarm extends AsyncDisposable {
  readonly baseUrl: string
  /** In order, without those that open the admin host. */
  readonly received: Received[]
  /** How many requests came to open the admin host. */
  openings: number
  /** Every connection that was ever made. */
  readonly sockets: ReadonlySet<Socket>
}

export type Script = (request: Received, response: ServerResponse) => void

export const adminHost = 'admin.wiki.test'

/**
 * @param opening what a request for the admin host's own site gets; FarmManager's 404 when left out, which shows that
 * FarmManager is there
 */
export async function startScriptedFarm(
  script: Script,
  opening: Script = answer(404, { error: 'Site not found' }),
): Promise<ScriptedFarm> {
  const sockets = new Set<Socket>()
  const received: Received[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('error', () => {})
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const got = { method, url, headers, body: Buffer.concat(pieces).toString() }
      if (url === `/plugin/farmmanager/sites/${adminHost}`) {
        farm.openings++
        opening(got, response)
        return
      }
      received.push(got)
      script(got, response)
    })
  })
  server.on('connection', (socket) => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const farm: ScriptedFarm = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    openings: 0,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return farm
}

/** An answer in JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** An answer in HTML. */
export function page(status: number, headers: Record<string, string> = {}): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end('<!DOCTYPE html><title>No</title>')
  }
}

/** One script a request; the last one stays. */
export function inTurn(...scripts: Script[]): Script {
  return (request, response) => (scripts.length > 1 ? scripts.shift() : scripts[0])?.(request, response)
}

/** By method. */
export function byMethod(scripts: Record<string, Script>): Script {
  return (request, response) => scripts[request.method]?.(request, response)
}
