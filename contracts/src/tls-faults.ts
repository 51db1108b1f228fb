/** Why an encrypted connection was not made, as Node, OpenSSL, MariaDB and its driver say it, and in words for an operator. */

type TlsFault =
  'demanded' | 'not spoken' | 'unknown authority' | 'another name' | 'expired' | 'client certificate'

/** What of an error, of its causes and of those that it gathers, is about TLS; undefined: nothing. */
export function tlsFaultIn(error: unknown, depth = 5): TlsFault | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined
  const { code, errno, errors, cause } = error as Error & {
    readonly code?: unknown
    readonly errno?: unknown
    readonly errors?: readonly unknown[]
  }
  // What a database says of a statement may quote anything.
  if (typeof errno === 'number' && errno > 0) return errno === 3159 ? 'demanded' : undefined
  const said = `${typeof code === 'string' ? code : ''} ${error.message}`
  const found = signs.find(([sign]) => sign.test(said))?.[1]
  if (found !== undefined) return found
  for (const inner of [...(errors ?? []), cause]) {
    const fault = tlsFaultIn(inner, depth - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

const signs: readonly (readonly [RegExp, TlsFault])[] = [
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate has expired|not yet valid/, 'expired'],
  [/ALTNAME_INVALID|does not match certificate/, 'another name'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA|self-signed certificate|unable to (?:verify|get (?:local )?issuer)/,
    'unknown authority',
  ],
  [
    /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA)|alert (?:certificate required|bad certificate|unknown ca)/i,
    'client certificate',
  ],
  [
    /HANDSHAKE_NO_SSL_SUPPORT|WRONG_VERSION_NUMBER|wrong version number|packet length too long|HTTP_REQUEST/i,
    'not spoken',
  ],
]

interface TlsPlace {
  /** What turns TLS on: `store-tls`, or `rediss:// in redis-server`. */
  readonly turnedOnBy: string
  /** The setting that names the authority's certificate. */
  readonly caFile: string
  /** The setting that names the server. */
  readonly host: string
}

export const redisTls: TlsPlace = {
  ...{ turnedOnBy: '`rediss://` in redis-server', caFile: 'redis-ca-file', host: 'redis-server' },
}

/** What is wrong, to follow the name of the place, and the mend. */
export function tlsInWords(
  fault: TlsFault,
  { turnedOnBy, caFile, host }: TlsPlace,
): { readonly detail: string; readonly mend: string } {
  switch (fault) {
    case 'demanded':
      return {
        detail: 'takes encrypted connections only (TLS)',
        mend: `Turn TLS on (${turnedOnBy}), and name the authority of its certificate with ${caFile}.`,
      }
    case 'not spoken':
      return {
        detail: 'does not speak TLS there',
        mend: `Turn TLS on at the server, mend the port in ${host}, or turn it off here (${turnedOnBy}).`,
      }
    case 'unknown authority':
      return {
        detail: 'shows a certificate of an authority that is not trusted here',
        mend: `Name the certificate of its authority, as PEM, with ${caFile}.`,
      }
    case 'another name':
      return {
        detail: 'shows a certificate that is for another name',
        mend: `Write ${host} with a name that its certificate is for, or give it a certificate for this one.`,
      }
    case 'expired':
      return {
        detail: 'shows a certificate that has expired, or is not valid yet',
        mend: 'Renew the certificate of the server, and look at the clocks of both machines.',
      }
    case 'client certificate':
      return {
        detail: 'does not take our own certificate, or wants one',
        mend: 'Name a certificate that it trusts, and its key, in the settings.',
      }
  }
}
