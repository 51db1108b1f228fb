/** What the routes of accounts share, and how each of them ends that lets somebody in. */
import { Refusal, type SignInAnswer } from '@wikistead/contracts'
import type { SessionRow, UserRow } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteForAudit } from '../access/audit-trail.ts'
import { presentUser } from '../answers/present.ts'
import type { ApiDeps } from '../deps.ts'
import { beginSession } from '../sign-in/begin-session.ts'
import type { Cookies } from '../sign-in/cookies.ts'
import { requireUnblocked } from '../sign-in/unblocked.ts'
import { rememberBrowser } from './known-browser.ts'
import { askSecondFactor } from './second-factor.ts'
import type { Tries } from './tries.ts'

export interface AccountParts {
  readonly deps: ApiDeps
  readonly cookies: Cookies
  readonly tries: Tries
}

/**
 * Whoever was asked to show once more who they are must be who is signed in here: what they were about to do is done by
 * them. @throws Refusal `signed_in_as_other`
 */
export function requireSamePerson({ acting }: FastifyRequest, userId: number): void {
  if (acting?.by !== 'session' || acting.user.user_id === userId) return
  throw new Refusal(
    'signed_in_as_other',
    `You are signed in here as ${acting.user.name}. Sign in as the same person, or sign out before.`,
  )
}

/** @throws Refusal `blocked` */
export async function signIn(
  { deps: { store }, cookies }: AccountParts,
  request: FastifyRequest,
  reply: FastifyReply,
  user: UserRow,
  by: NonNullable<SessionRow['proven_by']>,
): Promise<SignInAnswer> {
  noteForAudit(request, { subject: `user/${String(user.user_id)}` })
  requireUnblocked(user)
  await rememberBrowser(store, cookies, request, reply, user.user_id)
  await beginSession(store, cookies, request, reply, {
    ...{ userId: user.user_id, provenAt: store.now(), provenBy: by },
  })
  return { user: await presentUser(store, user), second_factor: null }
}

/** They are signed in, or asked for their second factor. @throws Refusal `blocked` */
export async function passwordWasRight(
  parts: AccountParts,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: number,
  fresh: boolean,
): Promise<SignInAnswer> {
  const { store } = parts.deps
  const user = await store.users.get(userId)
  requireUnblocked(user)
  const account = await store.accounts.find(userId)
  if (account?.totp_since == null) return signIn(parts, request, reply, user, 'password')
  noteForAudit(request, { action: 'ask_second_factor' })
  return { user: null, second_factor: await askSecondFactor(store, userId, fresh) }
}
