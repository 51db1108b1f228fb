/**
 * The door of a Temporal, looked at from outside: whether somebody listens there, whether in TLS, and with which
 * certificate. gRPC's clients only say that they could not connect, and the worker's refuses what Node's takes.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'

interface Certificate {
  /** It is that of an authority: it says of itself that it signs others. */
  readonly isAuthority: boolean
  /** It names hosts in `subjectAltName`, where alone the worker's client looks. */
  readonly namesHosts: boolean
}

export interface Door {
  /** `refused`: nobody listens; `silent`: no answer; `unknown`: no such host; `plain`: it listens, and not in TLS. */
  readonly is: 'refused' | 'silent' | 'unknown' | 'plain' | 'tls'
  readonly certificate?: Certificate
  /** Why Node's TLS does not take it, or it does not take us, e.g. `CERT_HAS_EXPIRED`. */
  readonly refusal?: string
}

export interface OurTls {
  readonly serverName?: string | undefined
  readonly ca?: Uint8Array | undefined
  readonly cert?: Uint8Array | undefined
  readonly key?: Uint8Array | undefined
}

const patienceMs = 3_000

/** `address` is host:port. Never rejects. */
export async function lookAtDoor(address: string, ours: OurTls = {}): Promise<Door> {
  const [, inBrackets, plainHost = '', digits] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(address) ?? []
  const host = inBrackets ?? plainHost
  const port = Number(digits)
  const closed = await listens(host, port)
  if (closed !== undefined) return { is: closed }
  return shakeHands({ host, port, ...tlsOptions(host, ours) })
}

function tlsOptions(host: string, { serverName, ca, cert, key }: OurTls): ConnectionOptions {
  return {
    ALPNProtocols: ['h2'],
    // An IP address is no name to ask for.
    ...(serverName === undefined ? isIP(host) === 0 && { servername: host } : { servername: serverName }),
    ...(ca !== undefined && { ca: Buffer.from(ca) }),
    ...(cert !== undefined && { cert: Buffer.from(cert) }),
    ...(key !== undefined && { key: Buffer.from(key) }),
  }
}

/** Undefined when somebody does. */
function listens(host: string, port: number): Promise<'refused' | 'silent' | 'unknown' | undefined> {
  return settle(connectTcp({ host, port }), (socket, done) => {
    socket.once('connect', () => done(undefined))
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      done(code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'unknown' : 'refused'),
    )
    socket.once('timeout', () => done('silent'))
  })
}

function shakeHands(options: ConnectionOptions): Promise<Door> {
  let socket: TLSSocket
  try {
    socket = connectTls({ ...options, rejectUnauthorized: false })
  } catch (error) {
    // Our own certificate or key is none.
    return Promise.resolve({ is: 'tls', refusal: codeOf(error) })
  }
  let certificate: Certificate | undefined
  let refusal: string | undefined
  return settle<TLSSocket, Door>(socket, (socket, done) => {
    const seen = (): Door => ({
      is: 'tls',
      ...(certificate !== undefined && { certificate }),
      ...(refusal !== undefined && { refusal }),
    })
    socket.once('secureConnect', () => {
      const { authorizationError } = socket
      if (authorizationError) refusal = codeOf(authorizationError)
      const x509 = socket.getPeerX509Certificate()
      if (x509 !== undefined) {
        certificate = { isAuthority: x509.ca, namesHosts: x509.subjectAltName !== undefined }
      }
    })
    // It speaks first: that it does says that it takes us.
    socket.once('data', () => done(seen()))
    socket.once('error', (error) => {
      const code = codeOf(error)
      if (certificate === undefined && /WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD|ECONNRESET/.test(code)) {
        done({ is: 'plain' })
        return
      }
      refusal ??= code
      done(seen())
    })
    socket.once('end', () => {
      if (certificate !== undefined) refusal ??= 'CLOSED_AFTER_HANDSHAKE'
      done(certificate === undefined ? { is: 'plain' } : seen())
    })
    socket.once('timeout', () => done(certificate === undefined ? { is: 'plain' } : seen()))
  })
}

function settle<S extends Socket, T>(
  socket: S,
  listen: (socket: S, done: (found: T) => void) => void,
): Promise<T> {
  return new Promise((resolve) => {
    socket.setTimeout(patienceMs)
    listen(socket, (found) => {
      socket.removeAllListeners().on('error', () => undefined)
      socket.destroy()
      resolve(found)
    })
  })
}

function codeOf(error: unknown): string {
  // Node types what it gives here as an Error, and gives a code.
  if (typeof error === 'string') return error
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
