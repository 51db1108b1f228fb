import { PasskeyOptions, SignInByPasskey, SignInAnswer } from '@wikistead/contracts'
import { noteForAudit } from '../access/audit-trail.ts'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import { requireSamePerson, signIn, type AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { beginPasskeySignIn, signedInByPasskey } from './passkey-ceremony.ts'

/** Signing in by a passkey. It is two factors: the authenticator, and that it knows its user. */
export function passkeyRoutes(routes: Routes, parts: AccountParts): void {
  const { deps } = parts

  routes.post(
    '/auth/passkey/options',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Begin to sign in by a passkey: what `navigator.credentials.get` is handed',
        response: { 200: PasskeyOptions, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      return { options: await beginPasskeySignIn(parts, request, reply) }
    },
  )

  routes.post(
    '/auth/passkey',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Sign in by a passkey',
        body: SignInByPasskey,
        response: { 200: SignInAnswer, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      requireOwnLink(request)
      const { response, fresh } = request.body
      const { user_id: userId } = await signedInByPasskey(parts, request, response)
      noteForAudit(request, { subject: `user/${String(userId)}` })
      if (fresh) requireSamePerson(request, userId)
      return signIn(parts, request, reply, await deps.store.users.get(userId), 'passkey')
    },
  )
}
