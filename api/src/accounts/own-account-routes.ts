import { MyAccount, Refusal, SetPassword } from '@wikistead/contracts'
import { requireActing, requireActor } from '../access/acting.ts'
import { requireLasting } from '../access/lasting.ts'
import { refused, type Routes } from '../routes.ts'
import type { AccountParts } from './account-parts.ts'
import { ofAccounts, requireAccounts } from './account-settings.ts'
import { knownPasswords } from './known-passwords.ts'
import { hashPassword } from './password-hash.ts'
import { presentAccount } from './present-account.ts'
import { requirePassword } from './password-rules.ts'
import { randomUUID } from 'node:crypto'

/** How I sign in, and changing that. */
export function ownAccountRoutes(routes: Routes, { deps }: AccountParts): void {
  const { store } = deps

  routes.get(
    '/v1/account',
    {
      schema: {
        tags: ['users'],
        summary: 'How I sign in to my account of this farm',
        response: { 200: MyAccount, ...refused },
      },
    },
    async (request) => ({ account: await presentAccount(store, requireActor(request).user_id) }),
  )

  routes.put(
    '/v1/account/password',
    {
      schema: {
        tags: ['users'],
        summary: 'Choose my password; my other sign-ins end',
        description: 'Whoever came another way, e.g. by a one-time link, has an account from then on.',
        body: SetPassword,
        response: { 200: MyAccount, ...refused },
      },
    },
    async (request) => {
      requireAccounts(deps.accounts)
      const acting = requireActing(request)
      requireLasting(acting)
      const { user_id: userId, name: shown } = acting.user
      const { name, password } = request.body
      const known = await store.accounts.find(userId)
      const own = [shown, name, known?.name, known?.mail].flatMap((word) => word ?? [])
      requirePassword(password, own, await knownPasswords())
      const passwordHash = await hashPassword(password)
      await store.transaction(async (scope) => {
        await scope.users.lock(userId)
        if ((await scope.accounts.find(userId)) !== undefined) {
          await scope.accounts.change(userId, { password_hash: passwordHash })
        } else {
          if (name === undefined) {
            throw new Refusal('invalid_request', 'Say by which name you want to sign in.')
          }
          await scope.accounts.add({ userId, name, passwordHash })
          await scope.users.takeIdentity(userId, { issuer: ofAccounts, subject: randomUUID() })
        }
        await scope.sessions.revokeOthersOf(userId, acting.hash ?? '')
        await scope.invitations.withdrawAllOf(userId)
      })
      return { account: await presentAccount(store, userId) }
    },
  )
}
