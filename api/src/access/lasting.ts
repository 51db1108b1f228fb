/**
 * Nothing that a credential makes stands longer than the credential, may more, or ranks higher. What is made is bounded
 * here where that can be said of it; what cannot be bounded is made by nobody whose time is limited.
 */
import { Refusal, tokenScopes, type TokenScope } from '@wikistead/contracts'
import { longestLine, type Maker, type Scope } from '@wikistead/store'
import type { Acting } from './acting.ts'

/** What is kept with all that the request makes. @throws Refusal `forbidden` for the word of the hub */
export function requireMaker({ maker }: Acting): Maker {
  if (maker !== undefined) return maker
  throw new Refusal('forbidden', 'The hub makes nothing that lasts. Sign in to the console for that.')
}

/** The maker of a token or a sign-in: every request by one looks at all that made it. @throws Refusal `forbidden` */
export function requireMakerOfCredential(acting: Acting): Maker {
  if (acting.depth < longestLine) return requireMaker(acting)
  throw new Refusal(
    'forbidden',
    `This token was made by a token, and that by others, ${String(longestLine)} in all. Use one of those.`,
  )
}

/** For what stands for good, like a password or an identity. @throws Refusal `forbidden` */
export function requireLasting(acting: Acting): void {
  requireMaker(acting)
  if (acting.endsAt === null) return
  throw new Refusal(
    'forbidden',
    'This would stand for longer than the token that you act by, or signed in with. Sign in to the console yourself for it.',
  )
}

/** In the transaction that makes something: what makes it must not end before. @throws Refusal `unauthenticated` */
export async function holdMaker({ sessions, tokens }: Scope, { madeBy, madeIn }: Maker): Promise<void> {
  const stands =
    (madeIn === null || (await sessions.hold(madeIn))) && (await tokens.reachOfMadeBy(madeBy)) !== undefined
  if (!stands) throw new Refusal('unauthenticated', 'Your sign-in or token ended just now. Sign in again.')
}

/** However it is made. */
export const longestTokenMs = 365 * 86_400_000

/** The earlier of both ends. */
export const noLaterThan = ({ endsAt }: Pick<Acting, 'endsAt'>, wanted: number): number =>
  Math.min(wanted, endsAt ?? Infinity)

/** In the order in which they are always told. */
export const scopesNow = ({ scopes }: Acting): TokenScope[] =>
  tokenScopes.filter((scope) => scopes.has(scope))
