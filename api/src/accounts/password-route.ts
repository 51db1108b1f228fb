import { Refusal, SignInAnswer, SignInByPassword } from '@wikistead/contracts'
import { accountKey } from '@wikistead/store'
import { noteForAudit } from '../access/audit-trail.ts'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import { passwordWasRight, requireSamePerson, type AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { knownBrowserOf } from './known-browser.ts'
import { hashPassword, isOfOtherCost, isPassword } from './password-hash.ts'

/** Signing in by name and password. Nobody learns whether it was the name or the password that was wrong. */
export function passwordRoute(routes: Routes, parts: AccountParts): void {
  const { deps, cookies, tries } = parts
  const { store } = deps

  routes.post(
    '/auth/password',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Sign in by name and password',
        body: SignInByPassword,
        response: { 200: SignInAnswer, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      requireOwnLink(request)
      const { name, password, fresh } = request.body
      const account = await store.accounts.byName(name)
      const userId = account?.user_id
      if (userId !== undefined) noteForAudit(request, { subject: `user/${String(userId)}` })
      const browser = userId === undefined ? undefined : await knownBrowserOf(store, cookies, request, userId)
      await tries.count(reply, String(userId ?? accountKey(name)), browser ?? 'elsewhere')
      const kept = account?.password_hash ?? null
      if (!(await isPassword(password, kept)) || userId === undefined || kept === null) {
        throw new Refusal('credentials_wrong', 'There is no account of this name with this password.')
      }
      if (fresh) requireSamePerson(request, userId)
      if (isOfOtherCost(kept)) {
        await store.accounts.change(userId, { password_hash: await hashPassword(password) })
      }
      return passwordWasRight(parts, request, reply, userId, fresh)
    },
  )
}
