/** TLS to a MariaDB, in whose driver an address by number is compared with no certificate. */
import { isIP } from 'node:net'
import { checkServerIdentity, TLSSocket } from 'node:tls'
import { createConnection } from 'mysql2/promise'

export interface MariadbTls {
  /** PEM, of the authority that signed the server's certificate; the public ones when left out. */
  readonly ca?: string | undefined
}

/** What createConnection and createPool of mysql2 take. */
export function tlsOptions(
  tls: MariadbTls,
  host: string,
): { readonly ssl: { ca?: string; rejectUnauthorized: true; verifyIdentity: boolean } } {
  const { ca } = tls
  return {
    ssl: { ...(ca !== undefined && { ca }), rejectUnauthorized: true, verifyIdentity: isIP(host) === 0 },
  }
}

/** Of a connection that stands: whether its certificate is for that address. @throws an error of TLS's own */
export function requireIdentity(connection: object, host: string): void {
  if (isIP(host) === 0) return
  const { stream } = connection as { readonly stream?: unknown }
  if (!(stream instanceof TLSSocket)) throw new Error('the connection is not encrypted')
  // A session that is taken up again was proven at its beginning, and shows no certificate.
  const certificate = stream.getPeerCertificate()
  const error = Object.keys(certificate).length === 0 ? undefined : checkServerIdentity(host, certificate)
  if (error !== undefined) throw error
}

/** What MariaDB says to whoever comes in the open where it takes encrypted connections only: that they are not let in. */
export const deniedErrors: ReadonlySet<number> = new Set([1045, 1698])

interface OpenLogin {
  readonly socketPath?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly user: string
  readonly password?: string | undefined
  readonly tls?: MariadbTls | undefined
}

/**
 * Whether somebody whom the server has just denied in the open is let in over TLS. Its certificate is not looked at: the same
 * login went the same way before, for everybody to read.
 */
export async function demandsTls({
  socketPath,
  host,
  port,
  user,
  password,
  tls,
}: OpenLogin): Promise<boolean> {
  if (socketPath !== undefined || tls !== undefined) return false
  try {
    const connection = await createConnection({
      ...{ user, connectTimeout: 5_000, ssl: { rejectUnauthorized: false } },
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(password !== undefined && { password }),
    })
    connection.destroy()
    return true
  } catch {
    return false
  }
}

/** What `tlsFaultIn` knows as the demand, with MySQL's number for it. */
export class TlsDemanded extends Error {
  override readonly name = 'TlsDemanded'
  readonly errno = 3159
}
