/** Codes of an authenticator app (RFC 6238), of half a minute each; a step of it is one such half minute, counted since 1970. */
import { Secret, TOTP } from 'otpauth'

export interface NewTotp {
  /** Base32 */
  readonly secret: string
  /** `otpauth://…`, as apps read it. */
  readonly url: string
}

export function newTotp(name: string, where: string): NewTotp {
  const secret = new Secret({ size: 20 })
  return { secret: secret.base32, url: totpOf(secret, name, where).toString() }
}

/** Which step of time the code is of, at most one away from now; undefined: of none of these. */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const totp = totpOf(Secret.fromBase32(secret))
  const delta = totp.validate({ token: code, window: 1, timestamp: now })
  return delta === null ? undefined : Math.floor(now / 1_000 / totp.period) + delta
}

const totpOf = (secret: Secret, label = '', issuer = ''): TOTP => new TOTP({ secret, label, issuer })
