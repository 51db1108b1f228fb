import { AskForLink, Refusal } from '@wikistead/contracts'
import { accountKey, type Scope } from '@wikistead/store'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from '../sign-in/own-link.ts'
import type { AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { joinUrl } from './join-url.ts'
import { mailText, type MailKind } from './mail.ts'

const linkMs = 3_600_000

/**
 * Links that people have mailed to themselves. The answer is the same, and as quick, whether there is an account or not: who
 * asks learns by their mail alone.
 */
export function mailRoutes(routes: Routes, parts: AccountParts): void {
  const { deps, tries } = parts
  const { store } = deps
  const asked = { body: AskForLink, response: { 202: z.null(), ...refused } }

  routes.post(
    '/auth/lost-password',
    {
      schema: {
        ...{ tags: ['sign-in'], ...asked },
        summary: 'Have a link mailed to my address, under which I choose my password anew',
      },
    },
    async (request, reply) => {
      requireMail()
      requireOwnLink(request)
      await tries.count(reply, accountKey(request.body.mail), 'mail')
      later(
        request,
        'lost_password',
        async ({ accounts }) => (await accounts.byName(request.body.mail))?.user_id,
      )
      return reply.code(202).send(null)
    },
  )

  routes.post(
    '/auth/sign-up',
    {
      schema: {
        ...{ tags: ['sign-in'], ...asked },
        summary: 'Have a link mailed to my address, under which I make my account; where its domain may',
      },
    },
    async (request, reply) => {
      const { signUp } = requireMail()
      requireOwnLink(request)
      const { mail } = request.body
      const domain = accountKey(mail).split('@').at(-1) ?? ''
      if (signUp.by !== 'domains' || !signUp.domains.includes(domain)) {
        throw new Refusal(
          'sign_up_closed',
          'Whoever has an address there is invited by an operator of the farm.',
        )
      }
      await tries.count(reply, accountKey(mail), 'mail')
      later(request, 'sign_up', async ({ accounts }) => (await accounts.byName(mail))?.user_id ?? null)
      return reply.code(202).send(null)
    },
  )

  function requireMail() {
    const settings = requireAccounts(deps.accounts)
    if (settings.mail === undefined) {
      throw new Refusal('mail_off', 'This farm sends no mail. Ask an operator of the farm for a link.')
    }
    return settings
  }

  /** `whose`: null for somebody new, undefined for nobody. */
  function later(
    { body: { mail, language }, log }: FastifyRequest<{ Body: z.output<typeof AskForLink> }>,
    kind: MailKind,
    whose: (scope: Scope) => Promise<number | null | undefined>,
  ): void {
    const send = async () => {
      const secret = await store.transaction(async (scope) => {
        const userId = await whose(scope)
        if (userId === undefined) return undefined
        const made = await scope.invitations.add({
          ...{ mail, name: null, role: 'member', userId, invitedBy: null },
          ...{ maker: { madeBy: null, madeIn: null }, expiresAt: store.now() + linkMs },
        })
        return made.secret
      })
      if (secret === undefined) return
      const told = { farm: new URL(deps.publicUrl()).host, by: '', url: joinUrl(deps, secret), hours: 1 }
      await deps.accounts?.mail?.send({ to: mail, ...mailText(kind, language, told) })
    }
    send().catch((error: unknown) => {
      log.error({ err: error }, 'a link could not be mailed')
    })
  }
}
