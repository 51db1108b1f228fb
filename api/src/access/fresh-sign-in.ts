/**
 * The gravest acts want the person themself: one who signed in a short while ago. A session that was stolen, or left open,
 * is not enough for them, and a token that is to do them without anybody there needs the scope `sensitive`. Which acts
 * these are is in the table of permissions.
 */
import { Refusal } from '@wikistead/contracts'
import type { Acting } from './acting.ts'
import type { Permission } from './permissions.ts'

/** Unless the settings say otherwise. */
export const usualFreshForMs = 15 * 60_000

/** For how long a sign-in is fresh, in milliseconds; 0: nobody is asked to sign in anew. */
export interface FreshSignIns {
  readonly freshForMs: number
}

const freshSignInPath = '/auth/sign-in?fresh=1'
/** Of the console, for accounts of our own. */
const freshSignInPage = '/sign-in?fresh=1'
const freshHubSignInPath = '/auth/hub?fresh=1'

/** Whether the line of the table, with what the request brings, is one of the gravest acts. */
export function isGrave(
  { fresh }: Permission,
  { body, query }: { readonly body?: unknown; readonly query?: unknown },
): boolean {
  if (fresh === undefined || fresh === true) return fresh ?? false
  return fresh.some(({ in: where, name, is }) => {
    const given = fieldsOf(where === 'body' ? body : query)[name]
    return is === undefined ? given !== undefined : given === is
  })
}

const fieldsOf = (part: unknown): Readonly<Record<string, unknown>> =>
  typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : {}

/** Until when the gravest acts may be done; null: not now. Of a token: as long as it has its scope. */
export function freshUntil(
  { proof, scopes }: Acting,
  { freshForMs }: FreshSignIns,
  now: number,
): number | null {
  if (proof.by !== 'person') return scopes.has('sensitive') ? Infinity : null
  if (freshForMs === 0) return Infinity
  const until = (proof.at ?? -Infinity) + freshForMs
  return until > now ? until : null
}

/** Where this browser signs in anew; null: by a new one-time link. */
export function signInAgain({ proof }: Acting): string | null {
  if (proof.by !== 'person') return null
  const { begun_at: begunAt, proven_by: provenBy, id_token: idToken } = proof.session
  if (begunAt === 'hub') return freshHubSignInPath
  if (provenBy !== null) return freshSignInPage
  return idToken === null ? null : freshSignInPath
}

/** @throws Refusal `fresh_sign_in_required`, `scope_missing` */
export function requireFresh(acting: Acting, fresh: FreshSignIns, now: number): void {
  if (freshUntil(acting, fresh, now) !== null) return
  if (acting.proof.by !== 'person') {
    throw new Refusal(
      'scope_missing',
      acting.by === 'session'
        ? 'A token made the link that signed you in, and it lacks the scope `sensitive`. Sign in yourself: at the provider, or by a link of `wikistead sign-in-link`.'
        : 'This needs a token with the scope `sensitive`, or somebody who signed in a short while ago. Make a token that has it, or use the console.',
      { scope: 'sensitive' },
    )
  }
  const url = signInAgain(acting)
  throw new Refusal(
    'fresh_sign_in_required',
    url === null
      ? 'You signed in too long ago for this. Open a new link of `wikistead sign-in-link` in this browser, then ask again.'
      : 'You signed in too long ago for this. Sign in again, then ask again.',
    { sign_in: url, fresh_for_seconds: fresh.freshForMs / 1_000 },
  )
}
