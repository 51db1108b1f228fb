import { Joined, Join, Refusal, SeeInvitation, SeenInvitation } from '@wikistead/contracts'
import { presentUser } from '../answers/present.ts'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import { signIn, type AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { requireInvitation } from './invitation.ts'
import { join } from './join.ts'
import { knownPasswords } from './known-passwords.ts'
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
    '/auth/join',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Make my account, by an invitation or where everybody may; I am signed in',
        description: 'By a link to an account that there is: choose its password anew.',
        body: Join,
        response: { 200: Joined, ...refused },
      },
    },
    async (request, reply) => {
      const settings = requireAccounts(deps.accounts)
      requireOwnLink(request)
      const { secret, name, password } = request.body
      const invitation = secret === undefined ? undefined : await requireInvitation(store, secret)
      if (invitation === undefined && settings.signUp !== 'open') {
        throw new Refusal('sign_up_closed', 'Whoever is to have an account here is invited by an operator.')
      }
      const own = [name, invitation?.name, invitation?.mail, ...(invitation?.mail ?? '').split('@')]
      requirePassword(
        password,
        own.flatMap((word) => word ?? []),
        await knownPasswords(),
      )
      const passwordHash = await hashPassword(password)
      const user = await store.transaction((scope) => join(scope, invitation, { name, passwordHash }))
      await signIn(parts, request, reply, user, 'password')
      return { user: await presentUser(store, user) }
    },
  )
}
