import { NewTransfer, Refusal, TaskAccepted, Transfer, TransferList, Wiki } from '@wikistead/contracts'
import type { TransferRow, UserRow, WikiRow } from '@wikistead/store'
import { acceptTransfer, refuseSuspended, transferEnded } from '@wikistead/tasks'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireActing, requireActor } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import { holdMaker, requireMaker } from '../../access/lasting.ts'
import type { ApiDeps } from '../../deps.ts'
import { requireProven } from '../../access/proven-domain.ts'
import { hubAccount, siteSubject } from '../../access/engine-identity.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { presentTransfers } from '../../answers/present-transfers.ts'
import { refused, type Routes } from '../../routes.ts'
import { answerTask } from '../../answers/task-answers.ts'
import {
  requireFedWiki,
  requireMediaWiki,
  TaskHeaders,
  WikiAnswers,
  WikiParams,
} from '../../answers/wiki-answers.ts'

/** Giving a wiki to somebody else, who has to want it: by a link that its owner sends them. */
export function transferRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)
  const bySecret = z.object({ secret: z.string().min(1).max(200) })

  routes.post(
    '/v1/wikis/:id/transfer',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Offer a wiki to whoever gets the link; it is told once',
        description:
          'The offer stands for 7 days, and no longer than the token that made it. A second one withdraws the first. Nothing changes until somebody accepts.',
        params: WikiParams,
        response: { 201: NewTransfer, ...refused },
      },
    },
    async (request, reply) => {
      const { wiki_id: wikiId } = wikiOf(request)
      const acting = requireActing(request)
      const { user_id: userId } = acting.user
      const maker = requireMaker(acting)
      const { transfer, secret } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        const wiki = await scope.wikis.lock(wikiId)
        if (wiki.owner_id !== userId)
          throw new Refusal('forbidden', `${wiki.address} belongs to somebody else.`)
        refuseSuspended(wiki)
        if (wiki.status !== 'active') {
          throw new Refusal(
            'busy',
            `${wiki.address} is ${wiki.status}. Only a wiki that stands can be given away.`,
            {
              task_id: wiki.task_id,
            },
          )
        }
        return scope.transfers.offer(wikiId, userId, store.now(), { ...maker, endsAt: acting.endsAt })
      })
      void reply.header('cache-control', 'no-store')
      const url = `${deps.publicUrl()}/transfers/${secret}`
      return reply.code(201).send({ transfer: await shown(transfer), url })
    },
  )

  routes.delete(
    '/v1/wikis/:id/transfer',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Withdraw the offer of a wiki',
        params: WikiParams,
        response: { 200: Transfer, ...refused },
      },
    },
    async (request) => {
      const { wiki_id: wikiId, address } = wikiOf(request)
      const transfer = await store.transaction(async (scope) => {
        const withdrawn = await scope.transfers.withdraw(wikiId)
        return withdrawn ? scope.transfers.latest(wikiId) : undefined
      })
      if (transfer !== undefined) return shown(transfer)
      throw new Refusal('transfer_not_found', `${address} is not offered to anybody.`)
    },
  )

  routes.get(
    '/v1/users/me/transfers',
    {
      schema: {
        tags: ['transfers'],
        summary: 'What I offered, accepted or declined, newest first',
        response: { 200: TransferList, ...refused },
      },
    },
    async (request) => {
      const rows = await store.transfers.of(requireActor(request).user_id)
      return { transfers: await presentTransfers(store, rows) }
    },
  )

  routes.get(
    '/v1/transfers/:secret',
    {
      schema: {
        tags: ['transfers'],
        summary: 'What I am offered',
        params: bySecret,
        response: { 200: Transfer, ...refused },
      },
    },
    async (request) => {
      const { transfer, actor } = await offerOf(request, request.params.secret)
      const answer = await shown(transfer)
      // Once it is over, it is only its two sides' business.
      const isSide = [transfer.from_user_id, transfer.to_user_id].includes(actor.user_id)
      if (answer.status !== 'offered' && !isSide) throw transferEnded()
      return answer
    },
  )

  routes.post(
    '/v1/transfers/:secret/accept',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Accept an offered wiki: it becomes mine by a task',
        description:
          '`202` unless `Prefer: wait=N` asks to wait for the end. A FedWiki site changes hands through the farm’s security package, and what it then says is read back; `owner_change_unsupported` where the farm has none. The quota, and the identity by which the engine knows its owner, are those of the one who accepts.',
        params: bySecret,
        headers: TaskHeaders,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const { transfer, actor } = await offerOf(request, request.params.secret)
      requireOther(transfer, actor)
      const admitted = await accepted(request, transfer, actor)
      return answerTask<Wiki>(deps, request, reply, admitted, {
        ...{ status: 200, waitMs: 0 },
        body: async () => answers.shown(await store.wikis.get(transfer.wiki_id)),
      })
    },
  )

  routes.post(
    '/v1/transfers/:secret/decline',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Decline an offered wiki',
        params: bySecret,
        response: { 200: Transfer, ...refused },
      },
    },
    async (request) => {
      const { transfer, actor } = await offerOf(request, request.params.secret)
      requireOther(transfer, actor)
      const { transfer_id: id, to_user_id: to, status } = transfer
      // Once more by the same: it is so already.
      if (status === 'declined' && to === actor.user_id) return shown(transfer)
      const end = { status: 'declined', toUserId: actor.user_id } as const
      if (!(await store.transaction((scope) => scope.transfers.close(id, end)))) throw transferEnded()
      return shown(await store.transfers.get(id))
    },
  )

  async function accepted(request: FastifyRequest, transfer: TransferRow, actor: UserRow) {
    const { status, task_id: taskId, to_user_id: to, wiki_id: wikiId } = transfer
    // Once more by the same: it is theirs, or on its way.
    if (status === 'accepted' && to === actor.user_id && taskId !== null) {
      return { task: await store.tasks.get(taskId), wiki: await store.wikis.get(wikiId), replayed: true }
    }
    if (status !== 'offered') throw transferEnded()
    const wiki = await store.wikis.get(wikiId)
    await requireProven(deps, actor, wiki, actor.user_id)
    const asked = { ...answers.admission(request, actor), transfer }
    return acceptTransfer(store, { ...asked, ...(await newOwner(wiki, actor)) })
  }

  /** How the engine knows them, and how many they may have. @throws Refusal `identity_needed`, `engine_off` */
  async function newOwner({ engine }: WikiRow, actor: UserRow) {
    const { user_id: userId, name } = actor
    if (engine === 'fedwiki') {
      const { siteLimit: farmLimit } = requireFedWiki(deps)
      return { owner: { userId, name, subject: await siteSubject(deps, actor) }, farmLimit }
    }
    const { wikiLimit: farmLimit, patienceMs } = requireMediaWiki(deps)
    const account = await hubAccount(deps, actor)
    const owner = { userId, name: account?.name ?? name, account: account?.number, subject: '' }
    return { owner, farmLimit, patienceMs }
  }

  async function offerOf(request: FastifyRequest, secret: string) {
    const actor = requireActor(request)
    const transfer = await store.transfers.bySecret(secret)
    noteForAudit(request, { subject: `transfer/${transfer.transfer_id}` })
    const stands = (await store.tokens.reachOfMadeBy(transfer.made_by)) !== undefined
    if (transfer.status === 'offered' && !stands) throw transferEnded()
    return { transfer, actor }
  }

  async function shown(transfer: TransferRow): Promise<Transfer> {
    const [answer] = await presentTransfers(store, [transfer])
    if (answer === undefined) throw new Error('an offer is of no wiki')
    return answer
  }
}

function requireOther({ from_user_id: from }: TransferRow, { user_id: userId }: UserRow): void {
  if (from !== userId) return
  throw new Refusal(
    'forbidden',
    'You offered it yourself: somebody else has to take it. To keep it, withdraw it.',
  )
}
