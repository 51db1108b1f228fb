/**
 * The word of the MediaWiki hub: a JWT that says for whom one request is made. It is signed with a secret that both
 * sides hold, fits that request alone, and is over within a minute. That it counts once is `service-acting.ts`'s to see.
 */
import { Refusal } from '@wikistead/contracts'
import { compactVerify, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'

export interface ServiceTrust {
  /** Of that id, as they are now: two while one takes the place of the other. */
  readonly keys: (id: string) => readonly Uint8Array[]
  /** The hub's address: the only one whose accounts it may speak for. */
  readonly issuer: string
  /** This service's address, as the hub knows it. */
  readonly audience: () => string
}

export interface ServiceRequest {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
}

export interface ServiceWord {
  readonly issuer: string
  /** The id of the account on the hub. */
  readonly account: string
  readonly name: string
  readonly rights: readonly string[]
  /** Counts once, until `expiresAt` (milliseconds since 1970). */
  readonly number: string
  readonly expiresAt: number
  /** SHA-256 of the body, base64url. */
  readonly body: string
}

const longestLife = 60
const clockTolerance = 5

const Claims = z.object({
  iss: z.string(),
  sub: z.string().regex(/^[1-9]\d{0,18}$/),
  name: z.string().min(1).max(255),
  rights: z.array(z.string().max(100)).max(50),
  iat: z.number(),
  exp: z.number(),
  jti: z.string().regex(/^[\w-]{22,100}$/),
  method: z.string(),
  target: z.string(),
  body: z.string().regex(/^[\w-]{43}$/),
})

/** @throws Refusal `service_token_invalid` */
export async function readServiceToken(
  token: string,
  { keys, issuer, audience }: ServiceTrust,
  { method, target }: ServiceRequest,
  now = new Date(),
): Promise<ServiceWord> {
  const claims = await verified(token, async () => {
    const key = await keyOf(token, keys)
    const { payload } = await jwtVerify(token, key, {
      ...{ algorithms: ['HS256'], typ: 'wikistead-request+jwt' },
      ...{ issuer, audience: audience(), currentDate: now, clockTolerance, maxTokenAge: longestLife },
    })
    return Claims.parse(payload)
  })
  if (claims.exp - claims.iat > longestLife) throw serviceTokenInvalid('it is good for longer than a minute')
  if (claims.method !== method || claims.target !== target) {
    throw serviceTokenInvalid('it was made for another request', { signed: true })
  }
  const { sub: account, name, rights, jti: number, body } = claims
  const expiresAt = (claims.exp + clockTolerance) * 1000
  return { issuer: claims.iss, account, name, rights, number, expiresAt, body }
}

/** The one of several that it is signed with; else any of them, which then says what is wrong. */
async function keyOf(token: string, keys: ServiceTrust['keys']): Promise<Uint8Array> {
  const { kid = '' } = decodeProtectedHeader(token)
  const candidates = keys(kid)
  for (const key of candidates) {
    const fits = await compactVerify(token, key, { algorithms: ['HS256'] }).then(
      () => true,
      () => false,
    )
    if (fits) return key
  }
  return candidates[0] ?? noKey(kid)
}

async function verified<T>(token: string, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof errors.JOSEError) throw serviceTokenInvalid(reasons[error.code] ?? 'it is malformed')
    if (error instanceof z.ZodError) throw serviceTokenInvalid('it does not say all that it must')
    // What is no token has no header that could be read.
    if (error instanceof TypeError) throw serviceTokenInvalid('it is malformed')
    throw error
  }
}

const reasons: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is not ours',
  ERR_JOSE_ALG_NOT_ALLOWED: 'it is signed in a way that is not taken',
  ERR_JWT_EXPIRED: 'its time is over; do the clocks of hub and service agree?',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'it is for another service, of another hub, or not valid yet',
}

function noKey(kid: string): never {
  throw serviceTokenInvalid(`no key ${JSON.stringify(kid.slice(0, 40))} is known here`)
}

/** `signed`: with a secret that is taken here. */
export const serviceTokenInvalid = (why: string, details: { readonly signed?: true } = {}): Refusal =>
  new Refusal('service_token_invalid', `The hub’s token does not count: ${why}.`, details)
