/**
 * A Temporal server behind TLS, as Temporal Cloud and careful operators have it: it may want certificates of its clients,
 * and keys. What passes is passed on to a real server, call by call.
 */
import { once } from 'node:events'
import {
  connect,
  createSecureServer,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { pemOf, type Pair } from './certificates.ts'

export interface SecuredTemporal extends AsyncDisposable {
  /** localhost:port; what it shows is for that name. */
  readonly address: string
}

export interface SecuredOptions {
  /** host:port of the real one. */
  readonly behind: string
  readonly shows: Pair
  /** The path of the authority that clients must be known to. */
  readonly clientsOf?: string
  readonly apiKey?: string
}

export async function secureTemporal({
  behind,
  shows,
  clientsOf,
  apiKey,
}: SecuredOptions): Promise<SecuredTemporal> {
  const server = createSecureServer({
    ...(await pemOf(shows)),
    ...(clientsOf !== undefined && {
      ...{ ca: await readFile(clientsOf), requestCert: true, rejectUnauthorized: true },
    }),
  })
  const sessions = new Set<ServerHttp2Session>()
  const behinds = new Set<ClientHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => undefined)
    const passedTo = connect(`http://${behind}`)
    behinds.add(passedTo)
    passedTo.on('error', () => session.destroy())
    session.once('close', () => {
      sessions.delete(session)
      behinds.delete(passedTo)
      passedTo.destroy()
    })
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined)
      if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) refuse(stream)
      else pass(stream, headers, passedTo)
    })
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `localhost:${String((server.address() as AddressInfo).port)}`,
    async [Symbol.asyncDispose]() {
      for (const session of [...sessions, ...behinds]) session.destroy()
      server.close()
      await once(server, 'close').catch(() => undefined)
    },
  }
}

/** gRPC's `UNAUTHENTICATED`. */
function refuse(stream: ServerHttp2Stream): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': '16',
      'grpc-message': 'who are you',
    },
    { endStream: true },
  )
}

function pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, to: ClientHttp2Session): void {
  const onward = to.request({ ...headers, authorization: undefined })
  onward.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  stream.once('close', () => onward.close(constants.NGHTTP2_CANCEL))
  stream.pipe(onward)
  let trailers: IncomingHttpHeaders = {}
  onward.once('trailers', (given: IncomingHttpHeaders) => {
    trailers = given
  })
  onward.once('response', ({ ':status': code, ...answered }, flags) => {
    if (stream.destroyed) return
    const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    stream.respond({ ':status': code, ...answered }, ends ? { endStream: true } : { waitForTrailers: true })
    if (ends) return
    stream.once('wantTrailers', () => stream.sendTrailers(trailers))
    onward.pipe(stream)
  })
}
