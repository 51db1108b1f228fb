/**
 * Stands in for Portainer as far as a runner sees of it: TLS, `/api/endpoints/ID/docker/…` passed on to an engine's
 * socket for whoever sends the API key, and Portainer's own words for whoever does not.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface PortainerStandIn extends AsyncDisposable {
  readonly endpoint: string
  /** Its own certificate, PEM. */
  readonly ca: string
  /** Requests without the key, or to elsewhere. */
  readonly refused: number
  /** Connections dropped while it was away. */
  readonly missed: number
  /** Drops every connection as long as the act takes. */
  away(act: () => Promise<void>): Promise<void>
}

export async function startPortainerStandIn(options: {
  readonly socketPath: string
  readonly id: number
  readonly apiKey: string
}): Promise<PortainerStandIn> {
  const prefix = `/api/endpoints/${String(options.id)}/docker`
  let refused = 0
  let missed = 0
  let isAway = false
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const refuse = (status: number, message: string) => {
      refused += 1
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
    }
    if (isAway) {
      missed += 1
      return incoming.destroy()
    }
    const { url = '', method, headers } = incoming
    const { 'x-api-key': key, ...others } = headers
    if (key !== options.apiKey) return refuse(401, 'A valid authorisation token is missing')
    if (!url.startsWith(`${prefix}/`)) {
      return refuse(404, 'Unable to find an environment with the specified identifier inside the database')
    }
    const { socketPath } = options
    const passed = request({ socketPath, method, path: url.slice(prefix.length), headers: others })
    passed.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      pipeline(response, outgoing, () => {})
    })
    passed.on('error', () => refuse(502, 'Bad gateway'))
    pipeline(incoming, passed, () => {})
    return undefined
  }
  const { key, cert } = await selfSigned()
  const server = createServer({ key, cert }, answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `https://127.0.0.1:${String(port)}${prefix}`,
    ca: cert,
    get refused() {
      return refused
    },
    get missed() {
      return missed
    },
    async away(act) {
      isAway = true
      server.closeAllConnections()
      await act().finally(() => (isAway = false))
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-tls-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    await execute('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=portainer', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}
