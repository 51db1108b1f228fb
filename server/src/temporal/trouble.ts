/** What is wrong between us and a Temporal, said as `doctor` says it, whoever says it: what, and what mends it. */
import type { Door } from './door.ts'

export interface Trouble {
  readonly what: string
  readonly mend: string
}

export interface Seen {
  /** host:port */
  readonly address: string
  readonly namespace: string
  /** We ask over TLS. */
  readonly tls: boolean
  /** gRPC's, of the answer; undefined when there was none. */
  readonly code: number | undefined
  /** Of the error, for what is not known here. */
  readonly message: string
  readonly door: Door
}

/** gRPC's codes. */
export const status = {
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
}

export function troubleOf(seen: Seen): Trouble {
  const { address, namespace, code, message } = seen
  if (code === status.NOT_FOUND) {
    return {
      what: `${address} has no namespace ${namespace}`,
      mend: 'Run `wikistead temporal prepare`, or mend temporal-namespace.',
    }
  }
  if (code === status.UNAUTHENTICATED) {
    return {
      what: `${address} does not know us`,
      mend: 'Mend temporal-api-key, or temporal-tls-cert and temporal-tls-key.',
    }
  }
  if (code === status.PERMISSION_DENIED) {
    return {
      what: `${address} does not let us into namespace ${namespace}`,
      mend: 'Give our key or certificate the role that docs/temporal.md names, or mend temporal-namespace.',
    }
  }
  return (
    troubleAtTheDoor(seen) ?? {
      what: `${address}, namespace ${namespace}: ${message.split('\n', 1)[0] ?? ''}`,
      mend: 'Look at what Temporal logs, and mend what this says.',
    }
  )
}

/** What its clients do not say. Undefined when nothing is wrong with the door itself. */
export function troubleAtTheDoor({
  address,
  tls,
  door,
}: Pick<Seen, 'address' | 'tls' | 'door'>): Trouble | undefined {
  switch (door.is) {
    case 'refused':
    case 'silent':
      return { what: `${address} does not answer`, mend: 'Start Temporal, or mend temporal-address.' }
    case 'unknown':
      return { what: `there is no host of the name in ${address}`, mend: 'Mend temporal-address.' }
    case 'plain':
      return tls
        ? {
            what: `${address} does not speak TLS, and we do`,
            mend: 'Set temporal-tls to false (an API key turns it on), or mend temporal-address.',
          }
        : undefined
    case 'tls':
      if (!tls) {
        return {
          what: `${address} speaks TLS, and we do not`,
          mend: 'Set temporal-tls to true; where its authority is one of your own, temporal-tls-ca as well.',
        }
      }
      return troubleWithTls(address, door)
  }
}

function troubleWithTls(address: string, { certificate, refusal = '' }: Door): Trouble | undefined {
  if (certificate?.isAuthority === true) {
    return {
      what: `${address} shows the certificate of an authority as its own; workers refuse that`,
      mend: 'Give Temporal a certificate of its own, signed by that authority, with basicConstraints CA:FALSE.',
    }
  }
  if (/^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(refusal)) {
    return {
      what: `${address} shows a certificate of an authority that is not known here`,
      mend: 'Set temporal-tls-ca to a file with the certificate of that authority.',
    }
  }
  if (certificate?.namesHosts === false) {
    return {
      what: `${address} shows a certificate that names no host in subjectAltName; workers refuse that`,
      mend: 'Give Temporal a certificate with its host names in subjectAltName.',
    }
  }
  if (refusal === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      what: `${address} shows a certificate for another name`,
      mend: 'Set temporal-tls-server-name to the name that it is for, or mend temporal-address.',
    }
  }
  if (refusal === 'CERT_HAS_EXPIRED' || refusal === 'CERT_NOT_YET_VALID') {
    return {
      what: `${address} shows a certificate that is no longer valid, or not yet`,
      mend: "Renew Temporal's certificate, or set this machine's clock right.",
    }
  }
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(refusal)) {
    return {
      what: `${address} wants a certificate of ours`,
      mend: 'Set temporal-tls-cert and temporal-tls-key.',
    }
  }
  // A server that looks at it after the handshake only closes.
  if (
    /UNKNOWN_CA|CLOSED_AFTER_HANDSHAKE|ECONNRESET|BAD_CERTIFICATE|DECRYPT_ERROR|CERTIFICATE_(?:UNKNOWN|EXPIRED|REVOKED)/.test(
      refusal,
    )
  ) {
    return {
      what: `${address} does not take our certificate`,
      mend: 'Have temporal-tls-cert signed by an authority that Temporal trusts.',
    }
  }
  if (/PEM|KEY_VALUES_MISMATCH|NO_START_LINE|BAD_END_LINE/.test(refusal)) {
    return {
      what: `our certificate, its key or the authority's is none (${refusal})`,
      mend: 'Mend temporal-tls-cert, temporal-tls-key and temporal-tls-ca: each names a PEM file.',
    }
  }
  return refusal === ''
    ? undefined
    : {
        what: `${address} and we do not agree on TLS (${refusal})`,
        mend: "Mend Temporal's TLS, or temporal-tls.",
      }
}
