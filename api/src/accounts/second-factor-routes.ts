import {
  NewRecoveryCodes,
  NewSecondFactor,
  Refusal,
  SecondFactorCode,
  SendCode,
  SignInAnswer,
  MyAccount,
} from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { requireActing } from '../access/acting.ts'
import { noteForAudit } from '../access/audit-trail.ts'
import { requireLasting } from '../access/lasting.ts'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import { requireSamePerson, signIn, type AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { presentAccount } from './present-account.ts'
import { newRecoveryCodes, takeCode, whoWaits } from './second-factor.ts'
import { newTotp, stepOfCode } from './totp.ts'

/** The second factor: sending its code, and having one or none. */
export function secondFactorRoutes(routes: Routes, parts: AccountParts): void {
  const { deps, tries } = parts
  const { store } = deps

  routes.post(
    '/auth/second-factor',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Send the code that is asked for after the password: of the app, or a recovery code',
        body: SendCode,
        response: { 200: SignInAnswer, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      requireOwnLink(request)
      const { second_factor: secret, code } = request.body
      const { userId, fresh } = await whoWaits(store, secret)
      noteForAudit(request, { subject: `user/${String(userId)}` })
      await tries.count(reply, String(userId), 'second factor')
      if (fresh) requireSamePerson(request, userId)
      await takeCode(store, await store.accounts.get(userId), code)
      if ((await store.once.take('second_factor', secret)) === undefined) {
        throw new Refusal('sign_in_failed', 'This sign-in has ended just now. Begin with the password again.')
      }
      return signIn(parts, request, reply, await store.users.get(userId), 'password')
    },
  )

  routes.post(
    '/v1/account/second-factor',
    {
      schema: {
        tags: ['users'],
        summary: 'Begin to have a second factor: what an authenticator app is told',
        description: 'It is asked for once a code of it was sent with `PUT`.',
        response: { 200: NewSecondFactor, ...refused },
      },
    },
    async (request) => {
      requireAccounts(deps.accounts)
      const acting = requireActing(request)
      requireLasting(acting)
      const { name, user_id: userId, totp_since: since } = await store.accounts.get(acting.user.user_id)
      if (since !== null) {
        throw new Refusal(
          'invalid_request',
          'You have a second factor. Turn it off before you choose another.',
        )
      }
      const made = newTotp(name, new URL(deps.publicUrl()).hostname)
      meetSecret(made.secret)
      await store.accounts.change(userId, { totp_secret: made.secret, totp_since: null })
      return made
    },
  )

  routes.put(
    '/v1/account/second-factor',
    {
      schema: {
        tags: ['users'],
        summary: 'Have it from now on, by its first code; recovery codes are told once',
        body: SecondFactorCode,
        response: { 200: NewRecoveryCodes, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      const { user_id: userId } = requireActing(request).user
      await tries.count(reply, String(userId), 'second factor')
      const { totp_secret: secret } = await store.accounts.get(userId)
      const digits = request.body.code.replaceAll(/\s/g, '')
      const step = secret === null ? undefined : stepOfCode(secret, digits, store.now())
      if (step === undefined || !(await store.accounts.takeTotpStep(userId, step))) {
        throw new Refusal(
          'second_factor_wrong',
          'This code is not right. Look whether the clock of your app is.',
        )
      }
      const codes = newRecoveryCodes()
      await store.transaction(async (scope) => {
        await scope.accounts.change(userId, { totp_since: scope.now() })
        await scope.recoveryCodes.replace(userId, codes)
      })
      return { recovery_codes: codes }
    },
  )

  routes.delete(
    '/v1/account/second-factor',
    {
      schema: {
        tags: ['users'],
        summary: 'Have no second factor any more; its recovery codes end',
        response: { 200: MyAccount, ...refused },
      },
    },
    async (request) => {
      const { user_id: userId } = requireActing(request).user
      await store.transaction(async ({ accounts, recoveryCodes }) => {
        await accounts.change(userId, { totp_secret: null, totp_since: null })
        await recoveryCodes.removeAllOf(userId)
      })
      return { account: await presentAccount(store, userId) }
    },
  )

  routes.post(
    '/v1/account/recovery-codes',
    {
      schema: {
        tags: ['users'],
        summary: 'New recovery codes, told once; those of before end',
        response: { 200: NewRecoveryCodes, ...refused },
      },
    },
    async (request) => {
      requireAccounts(deps.accounts)
      const acting = requireActing(request)
      requireLasting(acting)
      const { user_id: userId, totp_since: since } = await store.accounts.get(acting.user.user_id)
      if (since === null) {
        throw new Refusal(
          'invalid_request',
          'Recovery codes stand in for a second factor, and you have none.',
        )
      }
      const codes = newRecoveryCodes()
      await store.transaction(({ recoveryCodes }) => recoveryCodes.replace(userId, codes))
      return { recovery_codes: codes }
    },
  )
}
