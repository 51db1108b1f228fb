import { Refusal } from '@wikistead/contracts'
import type { UserRow } from '@wikistead/store'
import type { FastifyRequest } from 'fastify'

/**
 * Whoever was asked to sign in anew must have done it, and be who is signed in here: what they were about to do is done by
 * them. @throws Refusal `signed_in_as_other`, `sign_in_not_fresh`
 */
export function requireAnew(
  { acting }: FastifyRequest,
  known: UserRow | undefined,
  provenAgoMs: number | undefined,
  freshForMs: number,
): void {
  if (acting?.by === 'session' && acting.user.user_id !== known?.user_id) {
    throw new Refusal(
      'signed_in_as_other',
      `You are signed in here as ${acting.user.name}, and signed in there as somebody else. Sign in there as the same person, or sign out here before.`,
    )
  }
  if (freshForMs === 0 || (provenAgoMs ?? Infinity) <= freshForMs) return
  throw new Refusal(
    'sign_in_not_fresh',
    provenAgoMs === undefined
      ? 'Where you sign in nobody says when you did (`auth_time`). An operator can have it say so, or turn this off with `sign-in-fresh-for`.'
      : 'You were let through there without a new sign-in. Sign out there, then try again.',
  )
}
