import {
  Invite,
  InvitationList,
  NewInvitation,
  parseDuration,
  Refusal,
  type Invitation,
} from '@wikistead/contracts'
import type { InvitationRow, Store } from '@wikistead/store'
import { z } from 'zod'
import { requireActing, requireActor } from '../access/acting.ts'
import { noteForAudit } from '../access/audit-trail.ts'
import { holdMaker, noLaterThan, requireMakerOfCredential } from '../access/lasting.ts'
import { WikiParams } from '../answers/wiki-answers.ts'
import { refused, type Routes } from '../routes.ts'
import type { AccountParts } from './account-parts.ts'
import { requireAccounts } from './account-settings.ts'
import { newUser } from './join.ts'
import { joinUrl } from './join-url.ts'
import { mailText, type MailSender } from './mail.ts'

const longestInvitationMs = 30 * 86_400_000
/** Whoever asked for it is there to open it. */
const accountLinkMs = 86_400_000

/** Inviting people, seeing who was invited, and taking that back. */
export function invitationRoutes(routes: Routes, { deps }: AccountParts): void {
  const { store } = deps

  routes.get(
    '/v1/invitations',
    {
      schema: {
        tags: ['users'],
        summary: 'Invitations that nobody has used yet, the latest first',
        response: { 200: InvitationList, ...refused },
      },
    },
    async () => ({ invitations: await presented(store, await store.invitations.open()) }),
  )

  routes.post(
    '/v1/invitations',
    {
      schema: {
        tags: ['users'],
        summary: 'Invite somebody: a link by which they make their account, once',
        description:
          'With `add` the user is there at once, and the link opens their account. It ends with the token or the sign-in that made it. A role other than `member` is an admin’s to give.',
        body: Invite,
        response: { 201: NewInvitation, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      const { name, role, add, mail = null, language, expires_in: lifetime } = request.body
      if (mail !== null) requireMail()
      const inviter = requireActor(request, role === 'member' ? 'operator' : 'admin')
      const lifetimeMs = parseDuration(lifetime)
      if (lifetimeMs > longestInvitationMs) {
        throw new Refusal('invalid_request', 'An invitation stands for 30 days at most.')
      }
      const acting = requireActing(request)
      const maker = requireMakerOfCredential(acting)
      const { row, secret } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        const user = add && name !== undefined ? await newUser(scope, name, role) : undefined
        return scope.invitations.add({
          ...{ mail, name: name ?? null, role, maker, invitedBy: inviter.user_id },
          userId: user?.user_id ?? null,
          expiresAt: noLaterThan(acting, store.now() + lifetimeMs),
        })
      })
      noteForAudit(request, { subject: `invitation/${row.invitation_id}` })
      void reply.header('cache-control', 'no-store')
      if (mail !== null) {
        const hours = Math.max(Math.round((row.expires_at - row.created_at) / 3_600_000), 1)
        await send(row, mailText('invitation', language, { ...wordsOf(secret), by: inviter.name, hours }))
      }
      return reply.code(201).send(await told(row, secret, mail !== null))
    },
  )

  routes.post(
    '/v1/users/:id/account-link',
    {
      schema: {
        tags: ['users'],
        summary: 'A link by which somebody chooses their password anew, or makes their account, once',
        description:
          'For whoever has lost what they sign in by. It ends their second factor, and by using it all their sign-ins; the links before it end with it.',
        params: WikiParams,
        response: { 201: NewInvitation, ...refused },
      },
    },
    async (request, reply) => {
      requireAccounts(deps.accounts)
      const acting = requireActing(request)
      const maker = requireMakerOfCredential(acting)
      const { row, secret } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        const user = await scope.users.lock(request.params.id)
        await scope.invitations.withdrawAllOf(user.user_id)
        return scope.invitations.add({
          ...{ mail: null, name: user.name, role: user.role, maker, invitedBy: acting.user.user_id },
          userId: user.user_id,
          expiresAt: noLaterThan(acting, store.now() + accountLinkMs),
        })
      })
      void reply.header('cache-control', 'no-store')
      return reply.code(201).send(await told(row, secret, false))
    },
  )

  routes.delete(
    '/v1/invitations/:id',
    {
      schema: {
        tags: ['users'],
        summary: 'Withdraw an invitation',
        params: z.object({ id: z.string().min(1).max(64) }),
        response: { 200: InvitationList, ...refused },
      },
    },
    async (request) => {
      await store.invitations.withdraw(request.params.id)
      return { invitations: await presented(store, await store.invitations.open()) }
    },
  )

  /** @throws Refusal `mail_off` */
  function requireMail(): MailSender {
    const sender = deps.accounts?.mail
    if (sender !== undefined) return sender
    throw new Refusal('mail_off', 'This farm sends no mail: smtp-server is not set. Bring the link yourself.')
  }

  /** An invitation that nobody has got is none. @throws Refusal `mail_undeliverable` */
  async function send(row: InvitationRow, mail: ReturnType<typeof mailText>): Promise<void> {
    try {
      await requireMail().send({ to: row.mail ?? '', ...mail })
    } catch (error) {
      deps.logger.error({ err: error, invitation: row.invitation_id }, 'an invitation could not be mailed')
      await store.invitations.withdraw(row.invitation_id)
      throw new Refusal(
        'mail_undeliverable',
        'The server of mail did not take the invitation; the log says why. Look at the address, or invite without it and bring the link yourself.',
      )
    }
  }

  const wordsOf = (secret: string) => ({
    farm: new URL(deps.publicUrl()).host,
    url: joinUrl(deps, secret),
  })

  async function told(row: InvitationRow, secret: string, mailed: boolean): Promise<NewInvitation> {
    const [invitation] = await presented(store, [row])
    if (invitation === undefined) throw new Error('an invitation was made, and is not shown')
    return { invitation, url: joinUrl(deps, secret), mailed }
  }
}

async function presented(store: Store, rows: readonly InvitationRow[]): Promise<Invitation[]> {
  const ids = rows.flatMap(({ user_id: user, invited_by: by }) => [user ?? [], by ?? []].flat())
  const names = await store.users.namesOf([...new Set(ids)])
  const person = (id: number | null) => (id === null ? null : { id, name: names.get(id) ?? '' })
  return rows.map((row) => ({
    ...{ id: row.invitation_id, mail: row.mail, name: row.name, role: row.role },
    ...{ user: person(row.user_id), invited_by: person(row.invited_by) },
    created_at: new Date(row.created_at).toISOString(),
    expires_at: new Date(row.expires_at).toISOString(),
  }))
}
