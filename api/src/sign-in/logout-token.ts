/**
 * The provider's word that a session has ended there (OpenID Connect Back-Channel Logout 1.0, 2.6): a JWT by one of its keys,
 * for us, of now, and of no other kind. That it counts once is `back-channel-logout-route.ts`'s to see.
 */
import { Refusal } from '@wikistead/contracts'
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'

/** What the provider is, as far as its tokens are read. */
export interface TokenIssuer {
  readonly issuer: string
  /** As what it knows us. */
  readonly audience: string
}

export interface LogoutWord {
  readonly subject: string | undefined
  readonly session: string | undefined
  /** Counts once, until `expiresAt` (milliseconds since 1970). */
  readonly number: string
  readonly expiresAt: number
}

const eventName = 'http://schemas.openid.net/event/backchannel-logout'
const longestLife = 600
const clockTolerance = 30
/** By keys that others cannot know. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const kinds = [undefined, 'JWT', 'logout+jwt', 'application/logout+jwt']

const id = z.string().min(1).max(255)
const Claims = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]),
    iat: z.number(),
    jti: z.string().min(1).max(1_000),
    events: z.object({ [eventName]: z.record(z.string(), z.unknown()) }),
    sub: id.optional(),
    sid: id.optional(),
    // An ID token has one, and is no word of this kind.
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => (sub ?? sid) !== undefined, 'names nobody')

/** @throws Refusal `logout_token_invalid`, `sign_in_unavailable` */
export async function readLogoutToken(
  token: string,
  { issuer, audience }: TokenIssuer,
  keys: () => Promise<JWTVerifyGetKey>,
  now: number,
): Promise<LogoutWord> {
  try {
    // What is not for us costs nobody a question to the provider.
    const { iss, aud } = Claims.parse(decodeJwt(token))
    if (iss !== issuer || ![aud].flat().includes(audience)) throw invalid('it is not for this installation')
    const { payload, protectedHeader } = await jwtVerify(token, await keys(), {
      ...{ algorithms, issuer, audience, currentDate: new Date(now) },
      ...{ clockTolerance, maxTokenAge: longestLife },
    })
    if (!kinds.includes(protectedHeader.typ)) throw invalid('it is of another kind')
    const { sub, sid, jti, iat } = Claims.parse(payload)
    const expiresAt = (iat + longestLife + clockTolerance) * 1_000
    return { subject: sub, session: sid, number: jti, expiresAt }
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Keys of the provider: asked again when it signs with one that is not known, and once a minute. */
export class ProviderKeys {
  readonly #address: () => Promise<string>
  #known: { readonly keys: JWTVerifyGetKey; readonly until: number } | undefined

  /** `address`: where they are, asked of the provider. */
  constructor(address: () => Promise<string>) {
    this.#address = address
  }

  get = async (): Promise<JWTVerifyGetKey> => {
    if (this.#known === undefined || performance.now() > this.#known.until) {
      const keys = createRemoteJWKSet(new URL(await this.#address()), {
        ...{ timeoutDuration: 5_000, cooldownDuration: 5_000, cacheMaxAge: 60_000 },
      })
      this.#known = { keys, until: performance.now() + 60_000 }
    }
    return this.#known.keys
  }
}

export const invalid = (why: string): Refusal =>
  new Refusal('logout_token_invalid', `This logout token cannot be believed: ${why}.`)

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof z.ZodError) return invalid('its claims are not those of a logout token')
  const isOfToken =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  if (isOfToken) return invalid(error.message)
  return new Refusal(
    'sign_in_unavailable',
    'The keys of the sign-in provider cannot be read now. Send it again.',
  )
}
