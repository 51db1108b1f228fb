/**
 * The guard: an HTTP reverse proxy before the farm that lets nothing harmful through, opens each site once, and
 * answers in words while the farm is being started again. Undici carries the requests: it brings time-outs, kept
 * connections and back-pressure; the rules are what a proxy library would leave to us. The farm has no WebSockets, so
 * there are no upgrades.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Pool, type Dispatcher } from 'undici'
import type { Farm } from './farm-process.ts'
import { checkedControlPlaneBody, limitedBody } from './guard-body.ts'
import { endToEnd, headersForFarm } from './guard-headers.ts'
import { answerRefusal, GuardRefusal } from './guard-refusal.ts'
import { Gate } from './gate.ts'
import { authorizationForFarm, type TokenExchange } from './guard-token.ts'
import { checkRequest, type GuardedRequest } from './guard-request.ts'

export interface GuardOptions {
  readonly listen: {
    readonly host: string
    /** 0 for a free one. */
    readonly port: number
  }
  /** The farm of `startFarm`, on 127.0.0.1; or one elsewhere. */
  readonly farm: Pick<Farm, 'port' | 'adminHost' | 'warmUp'> & { readonly host?: string }
  /** Of one request; default 10 MiB. */
  readonly maxBodyBytes?: number
  /** How long the farm may stay silent; default 60,000. */
  readonly answerTimeoutMs?: number
  /** A proxy of ours stands before the guard, and its X-Forwarded headers count; default false. */
  readonly trustProxy?: boolean
  /** Whose token is let in; without it the farm itself sees to that. */
  readonly tokens?: TokenExchange
}

export interface Guard extends AsyncDisposable {
  readonly port: number
  /** Requests wait while it acts, and are let through to the farm that is there then. */
  whileHeld<T>(act: () => Promise<T>): Promise<T>
  /** Ends every connection; may be called twice. */
  close(): Promise<void>
}

/** Resolves when it listens. @throws Error when it cannot. */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const { listen, farm, answerTimeoutMs = 60_000 } = options
  const { host = '127.0.0.1', port } = farm
  const pool = new Pool(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
    connections: 128,
    connect: { timeout: 5_000 },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  })
  const gate = new Gate()
  const server = createServer((req, res) => {
    gate
      .pass(() => pass(req, res, pool, options))
      .catch((error: unknown) => {
        if (res.headersSent || res.destroyed) res.destroy()
        else answerRefusal(req, res, asRefusal(error))
      })
  })
  server.listen(listen.port, listen.host)
  await once(server, 'listening')
  const close = async () => {
    if (server.listening) {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
    await pool.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    whileHeld: (act) => gate.whileClosed(act, heldForMs),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A page is through by then. */
const heldForMs = 10_000

async function pass(
  req: IncomingMessage,
  res: ServerResponse,
  pool: Pool,
  { farm, maxBodyBytes = 10 * 1024 * 1024, trustProxy = false, tokens }: GuardOptions,
): Promise<void> {
  const left = new AbortController()
  // Whoever had to wait may have left.
  if (res.destroyed) return
  res.once('close', () => left.abort())
  const guarded = checkRequest(req, farm.adminHost)
  // The farm opens a site once more for each request that comes before it is open.
  await farm.warmUp(guarded.site)
  const headers = headersForFarm(req, guarded.host, trustProxy)
  if (guarded.controlPlane && tokens !== undefined) {
    const authorization = authorizationForFarm(req.headers.authorization, tokens)
    delete headers['authorization']
    if (authorization !== undefined) headers['authorization'] = authorization
  }
  const body = await bodyFor(req, guarded, maxBodyBytes)
  if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body))
  const answer = await pool.request({
    method: req.method as Dispatcher.HttpMethod,
    path: req.url ?? '/',
    headers,
    body,
    signal: left.signal,
  })
  res.writeHead(answer.statusCode, endToEnd(answer.headers))
  await pipeline(answer.body, res)
}

async function bodyFor(req: IncomingMessage, { controlPlane }: GuardedRequest, maxBodyBytes: number) {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
  if (encoding === undefined && !(Number(length) > 0)) return null
  return controlPlane ? checkedControlPlaneBody(req) : Readable.from(limitedBody(req, maxBodyBytes))
}

/** What kept the farm from answering, in words. */
function asRefusal(error: unknown): GuardRefusal {
  if (error instanceof GuardRefusal) return error
  const { code, name } = error as { code?: string; name?: string }
  switch (code) {
    case 'ECONNREFUSED':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new GuardRefusal(503, 'The wiki farm is being started again. Try once more in a few seconds.', {
        'retry-after': '3',
      })
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new GuardRefusal(504, 'The wiki farm did not answer in time.')
    default:
      if (name === 'TimeoutError' || name === 'AbortError')
        return new GuardRefusal(504, 'The wiki farm did not answer in time.')
      return new GuardRefusal(502, 'The wiki farm broke off before it answered.', { 'retry-after': '3' })
  }
}
