import {
  BeginToJoin,
  Join,
  PasskeyOptions,
  Refusal,
  SeeInvitation,
  SeenInvitation,
  SignInAnswer,
} from '@wikistead/contracts'
import type { InvitationRow } from '@wikistead/store'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import { passwordWasRight, signIn, type AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { requireInvitation } from './invitation.ts'
import { join } from './join.ts'
import { knownPasswords } from './known-passwords.ts'
import { beginPasskey, madePasskey } from './passkey-ceremony.ts'
import { hashPassword } from './password-hash.ts'
import { requirePassword } from './password-rules.ts'

/** Coming to an account: by an invitation, or without one where everybody may sign up. */
export function joinRoutes(routes: Routes, parts: AccountParts): void {
  const { deps } = parts
  const { store } = deps

  routes.post(
    '/auth/join/see',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Look at an invitation, by the secret of its link',
        description: 'It may be looked at as often as one likes, and is used up by joining only.',
        body: SeeInvitation,
        response: { 200: SeenInvitation, ...refused },
      },
    },
    async (request) => {
      requireAccounts(deps.accounts)
      const invitation = await requireInvitation(store, request.body.secret)
      const account = invitation.user_id === null ? undefined : await store.accounts.find(invitation.user_id)
      return {
        ...{ name: account?.name ?? invitation.name, mail: invitation.mail, role: invitation.role },
        has_account: account !== undefined,
        expires_at: new Date(invitation.expires_at).toISOString(),
      }
    },
  )

  routes.post(
    '/auth/join/passkey-options',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Begin to join by a passkey: what `navigator.credentials.create` is handed',
        body: BeginToJoin,
        response: { 200: PasskeyOptions, ...refused },
      },
    },
    async (request, reply) => {
      const { secret, name: wanted } = request.body
      const invitation = await invitationOf(secret)
      const userId = invitation?.user_id ?? null
      const account = userId === null ? undefined : await store.accounts.find(userId)
      const name = account?.name ?? wanted ?? invitation?.name ?? undefined
      if (name === undefined) {
        throw new Refusal('invalid_request', 'Say by which name you want to sign in.')
      }
      return { options: await beginPasskey(parts, request, reply, { name, userId }) }
    },
  )

  routes.post(
    '/auth/join',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Make my account, by an invitation or where everybody may; I am signed in',
        description: 'By a link to an account that there is: choose its password anew.',
        body: Join,
        response: { 200: SignInAnswer, ...refused },
      },
    },
    async (request, reply) => {
      requireOwnLink(request)
      const { secret, name, password, passkey: made } = request.body
      const invitation = await invitationOf(secret)
      const passkey =
        made === undefined ? undefined : await madePasskey(parts, request, made, invitation?.user_id ?? null)
      const passwordHash =
        password === undefined ? undefined : await hashNewPassword(password, invitation, name)
      const user = await store.transaction((scope) =>
        join(scope, invitation, { name, passwordHash, passkey }),
      )
      // Whoever was mailed a link has shown that they read that mail; that is no second factor.
      return passkey === undefined
        ? passwordWasRight(parts, request, reply, user.user_id, false)
        : signIn(parts, request, reply, user, 'passkey')
    },
  )

  /** @throws Refusal `accounts_off`, `invitation_ended`, `sign_up_closed` */
  async function invitationOf(secret: string | undefined): Promise<InvitationRow | undefined> {
    const settings = requireAccounts(deps.accounts)
    if (secret !== undefined) return requireInvitation(store, secret)
    if (settings.signUp.by === 'open') return undefined
    throw new Refusal('sign_up_closed', 'Whoever is to have an account here is invited by an operator.')
  }
}

/** @throws Refusal `password_too_short`, `password_known` */
async function hashNewPassword(
  password: string,
  invitation: InvitationRow | undefined,
  name: string | undefined,
): Promise<string> {
  const mail = invitation?.mail ?? ''
  const own = [name, invitation?.name, mail, ...mail.split('@')].flatMap((word) => word ?? [])
  requirePassword(password, own, await knownPasswords())
  return hashPassword(password)
}
