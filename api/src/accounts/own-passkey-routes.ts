import { MakePasskey, MyAccount, PasskeyOptions, Refusal } from '@wikistead/contracts'
import { z } from 'zod'
import { requireActing } from '../access/acting.ts'
import { requireLasting } from '../access/lasting.ts'
import { refused, type Routes } from '../routes.ts'
import type { AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { beginPasskey, madePasskey } from './passkey-ceremony.ts'
import { presentAccount } from './present-account.ts'

/** My passkeys: making one, and taking one away. */
export function ownPasskeyRoutes(routes: Routes, parts: AccountParts): void {
  const { deps } = parts
  const { store } = deps

  routes.post(
    '/v1/account/passkeys/options',
    {
      schema: {
        tags: ['users'],
        summary: 'Begin to make a passkey: what `navigator.credentials.create` is handed',
        response: { 200: PasskeyOptions, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      const { user } = requireActing(request)
      const { name } = await store.accounts.get(user.user_id)
      return { options: await beginPasskey(parts, request, reply, { name, userId: user.user_id }) }
    },
  )

  routes.post(
    '/v1/account/passkeys',
    {
      schema: {
        tags: ['users'],
        summary: 'Make a passkey mine',
        body: MakePasskey,
        response: { 200: MyAccount, ...refused },
      },
    },
    async (request) => {
      requireAccounts(deps.accounts)
      const acting = requireActing(request)
      requireLasting(acting)
      const { user_id: userId } = acting.user
      await store.accounts.get(userId)
      const passkey = await madePasskey(parts, request, request.body, userId)
      await store.transaction(async ({ users, passkeys }) => {
        await users.lock(userId)
        if ((await passkeys.of(userId)).length >= mostPasskeys) {
          throw new Refusal('invalid_request', 'You have as many passkeys as one may. Take one away before.')
        }
        await passkeys.add(userId, passkey)
      })
      return { account: await presentAccount(store, userId) }
    },
  )

  routes.delete(
    '/v1/account/passkeys/:id',
    {
      schema: {
        tags: ['users'],
        summary: 'Take one of my passkeys away',
        params: z.object({ id: z.string().min(1).max(64) }),
        response: { 200: MyAccount, ...refused },
      },
    },
    async (request) => {
      const { user_id: userId } = requireActing(request).user
      await store.transaction(async ({ users, accounts, passkeys }) => {
        await users.lock(userId)
        await passkeys.remove(userId, request.params.id)
        const { password_hash: password } = await accounts.get(userId)
        if (password !== null || (await passkeys.of(userId)).length > 0) return
        throw new Refusal(
          'last_way_in',
          'You would sign in by nothing then. Choose a password, or make another passkey before.',
        )
      })
      return { account: await presentAccount(store, userId) }
    },
  )
}

const mostPasskeys = 20
