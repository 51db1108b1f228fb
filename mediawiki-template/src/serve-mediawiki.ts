/**
 * The front of a MediaWiki farm for demos and development: `slug.root` is the wiki in the folder `slug`. Static files
 * are sent from here, MediaWiki runs in one pool of PHP for all wikis of one user, and a wiki that is not there says why at its
 * own address. In production nginx or Caddy stand here with php-fpm: see docs/serving-mediawiki.md.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import send from '@fastify/send'
import type { Dispatcher, Pool } from 'undici'
import { startPhpByUser, type PhpByUser, type PhpByUserOptions } from './php-by-user.ts'
import { requestHeaders, responseHeaders } from './proxy-headers.ts'
import { statusPage, type StatusPage, type WikiStatus } from './status-page.ts'
import { classifyRequest, slugOfHost, type FarmHosts } from './wiki-request.ts'

export interface FrontOptions extends PhpByUserOptions, FarmHosts {
  readonly listen: {
    readonly host: string
    /** 0 for a free one. */
    readonly port: number
  }
  /** Asked on every request. */
  readonly status: (slug: string) => WikiStatus | Promise<WikiStatus>
  /** A proxy of ours stands before the front, and its X-Forwarded headers count; default false. */
  readonly trustProxy?: boolean
}

export interface Front extends AsyncDisposable {
  readonly port: number
  /** Ends every connection, and PHP; may be called twice. */
  close(): Promise<void>
}

/** Resolves when wikis can be opened. @throws Error when it cannot listen, or PHP does not start. */
export async function serveMediaWiki(options: FrontOptions): Promise<Front> {
  await using started = new AsyncDisposableStack()
  const php = started.use(await startPhpByUser(options))
  const server = createServer((req, res) => {
    answer(req, res, php, options).catch((error: unknown) => {
      if (res.headersSent || res.destroyed) res.destroy()
      else sendPage(req, res, pageForFault(error))
    })
  })
  server.listen(options.listen.port, options.listen.host)
  await once(server, 'listening')
  started.defer(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const running = started.move()
  const close = () => running.disposeAsync()
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close }
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  php: PhpByUser,
  options: FrontOptions,
): Promise<void> {
  const slug = slugOfHost(req.headers.host, options)
  if (slug === undefined) return sendPage(req, res, statusPage({ state: 'unknown' }))
  const { state, ...rest } = await options.status(slug)
  if (state !== 'ready') return sendPage(req, res, statusPage({ state, ...rest }))
  const asked = classifyRequest(req.url ?? '')
  switch (asked.kind) {
    case 'php':
      return passToPhp(req, res, await php.poolOf(slug), slug, options)
    case 'file':
      return sendFile(req, res, join(resolve(options.wikisFolder), slug), asked.path)
    case 'nothing':
      return sendText(res, 404, 'Not found.')
  }
}

async function passToPhp(
  req: IncomingMessage,
  res: ServerResponse,
  pool: Pool,
  slug: string,
  { maxBodyBytes = 100 * 1024 * 1024, trustProxy = false }: FrontOptions,
): Promise<void> {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
  // PHP's built-in server knows no chunks.
  if (encoding !== undefined) return sendText(res, 411, 'Say how long the body is.')
  if (Number(length) > maxBodyBytes) return sendText(res, 413, 'That is too large.')
  const left = new AbortController()
  res.once('close', () => left.abort())
  const answered = await pool.request({
    method: req.method as Dispatcher.HttpMethod,
    path: req.url ?? '/',
    headers: { ...requestHeaders(req, trustProxy), 'x-wikistead-wiki': slug },
    body: Number(length) > 0 ? req : null,
    signal: left.signal,
  })
  res.writeHead(answered.statusCode, responseHeaders(answered.headers))
  await pipeline(answered.body, res)
}

async function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  root: string,
  path: string,
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return sendText(res, 405, 'Only GET.')
  const { statusCode, headers, stream } = await send(req, path, {
    root,
    index: false,
    dotfiles: 'deny',
    maxAge: '1d',
  })
  if (statusCode >= 400) {
    stream.destroy()
    return sendText(res, statusCode, 'Not found.')
  }
  res.writeHead(statusCode, { ...headers, 'x-content-type-options': 'nosniff' })
  await pipeline(stream, res)
}

function sendPage(
  req: IncomingMessage,
  res: ServerResponse,
  { statusCode, headers, body }: StatusPage,
): void {
  res.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) })
  res.end(req.method === 'HEAD' ? undefined : body)
}

function sendText(res: ServerResponse, statusCode: number, text: string): void {
  res.writeHead(statusCode, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  res.end(`${text}\n`)
}

/** PHP is being started again, or broke off. */
function pageForFault(error: unknown): StatusPage {
  const { code } = error as { code?: string }
  return code === 'UND_ERR_HEADERS_TIMEOUT'
    ? { ...statusPage({ state: 'unavailable', message: 'It did not answer in time.' }), statusCode: 504 }
    : statusPage({ state: 'unavailable' })
}
