import { InvitedToRead, NewReadInvitation, Refusal, WikiReader } from '@wikistead/contracts'
import type { ReadInvitationRow, UserRow, WikiRow } from '@wikistead/store'
import { askReaders, requireReadersKept } from '@wikistead/tasks'
import { z } from 'zod'
import { requireActing, requireActor } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import { hubAccount } from '../../access/engine-identity.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { holdMaker, requireMaker } from '../../access/lasting.ts'
import { presentReadInvitation } from '../../answers/present-read-invitations.ts'
import { WikiAnswers, WikiParams } from '../../answers/wiki-answers.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

const tags = ['readers of private wikis']

/** Links by which whoever opens one, signed in, reads a private wiki from then on. */
export function readInvitationRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)
  const bySecret = z.object({ secret: z.string().min(1).max(200) })

  routes.post(
    '/v1/wikis/:id/read-invitations',
    {
      schema: {
        tags,
        summary: 'Invite somebody to read a private wiki, by a link that is told once',
        description: 'It counts once, for 7 days, and no longer than the token that made it.',
        params: WikiParams,
        response: { 201: NewReadInvitation, ...refused },
      },
    },
    async (request, reply) => {
      const { wiki_id: wikiId } = wikiOf(request)
      const acting = requireActing(request)
      const maker = requireMaker(acting)
      const { invitation, secret } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        const wiki = await scope.wikis.lock(wikiId)
        requireReadersKept(wiki)
        return scope.readInvitations.make(wiki, { ...maker, endsAt: acting.endsAt })
      })
      void reply.header('cache-control', 'no-store')
      const url = `${deps.publicUrl()}/read/${secret}`
      return reply.code(201).send({ invitation: presentReadInvitation(invitation), url })
    },
  )

  routes.delete(
    '/v1/wikis/:id/read-invitations/:invitation',
    {
      schema: {
        tags,
        summary: 'Withdraw an invitation to read',
        params: WikiParams.extend({ invitation: z.string().max(64) }),
        response: { 204: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { wiki_id: wikiId } = wikiOf(request)
      await store.transaction((scope) => scope.readInvitations.end(wikiId, request.params.invitation))
      return reply.code(204).send(null)
    },
  )

  routes.get(
    '/v1/read-invitations/:secret',
    {
      schema: {
        tags,
        summary: 'What I am invited to read',
        params: bySecret,
        response: { 200: InvitedToRead, ...refused },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      const actor = requireActor(request)
      const { wiki, invitation } = await standing(request.params.secret)
      const account = await accountOf(actor)
      return {
        wiki: { id: wiki.wiki_id, name: wiki.name, url: answers.url(wiki) },
        from: (await store.users.get(wiki.owner_id)).name,
        as: account?.name ?? null,
        expires_at: new Date(invitation.expires_at).toISOString(),
      }
    },
  )

  routes.post(
    '/v1/read-invitations/:secret/accept',
    {
      schema: {
        tags,
        summary: 'Accept an invitation: my account on the hub reads the wiki from now on',
        description:
          'Once. Without a linked account on the hub it is `identity_needed`, and the invitation stands.',
        params: bySecret,
        response: { 200: WikiReader, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request)
      const { wiki, invitation } = await standing(request.params.secret)
      const account = await hubAccount(deps, actor)
      if (account === undefined) throw new Refusal('readers_not_kept', 'This farm has no hub.')
      noteForAudit(request, { subject: `wiki/${String(wiki.wiki_id)}` })
      const { wiki_id: wikiId, invitation_id: id } = invitation
      // Of two at once, one finds it.
      if (!(await store.transaction((scope) => scope.readInvitations.end(wikiId, id)))) throw over()
      try {
        const { readers } = await askReaders(deps, wiki, { do: 'add', account: account.number })
        const [reader] = readers
        if (reader === undefined) throw new Refusal('fault', 'The wiki did not say whom it let in.')
        return { ...reader, groups: [...reader.groups] }
      } catch (error) {
        // Nobody was let in: it stands as before.
        await store.transaction((scope) => scope.readInvitations.giveBack(invitation))
        throw error
      }
    },
  )

  /** @throws Refusal `read_link_not_found` also where the wiki is gone, or another's by now */
  async function standing(
    secret: string,
  ): Promise<{ readonly wiki: WikiRow; readonly invitation: ReadInvitationRow }> {
    const invitation = await store.readInvitations.bySecret(secret)
    const wiki = await store.wikis.find(invitation.wiki_id)
    if (wiki === undefined || wiki.claim === null || wiki.owner_id !== invitation.owner_id) throw over()
    return { wiki, invitation }
  }

  /** Their account on the hub; undefined where none is linked. */
  async function accountOf(actor: UserRow) {
    try {
      return await hubAccount(deps, actor)
    } catch (error) {
      if (error instanceof Refusal && error.code === 'identity_needed') return undefined
      throw error
    }
  }
}

const over = (): Refusal =>
  new Refusal('read_link_not_found', 'This invitation was used, was withdrawn, or is over. Ask for another.')
