import { createHash } from 'node:crypto'
import {
  ChangeWiki,
  CreateWiki,
  ListWikis,
  Refusal,
  TaskAccepted,
  Wiki,
  WikiList,
  resolveDomain,
} from '@wikistead/contracts'
import type { UserRow, WikiRow } from '@wikistead/store'
import {
  admitChange,
  admitCreate,
  admitDelete,
  admitRestore,
  newTaskId,
  type Admitted,
  type Idempotency,
} from '@wikistead/tasks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isAtLeast, maySee, requireActor, requireOwner } from './actor.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { ApiDeps, FedWikiRules } from './deps.ts'
import { presentWiki, presentWikis } from './present.ts'
import { refused, type Routes } from './routes.ts'
import { answerTask } from './task-answers.ts'

const WikiParams = z.object({ id: z.coerce.number().int().positive() })
const TaskHeaders = z.object({
  prefer: z.string().optional().describe('RFC 7240: `respond-async`, or `wait=N` seconds'),
  'idempotency-key': z.string().min(1).max(200).optional().describe('Makes a repeated request safe'),
})

export function wikiRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const url = (wiki: WikiRow): string => deps.fedwiki?.siteUrl(wiki.address) ?? `https://${wiki.address}`
  const shown = async (wiki: WikiRow): Promise<Wiki> =>
    presentWiki(wiki, (await store.users.get(wiki.owner_id)).name, url)
  /** Answers with the wiki as it is once the task has ended. */
  const answerWiki = (
    request: FastifyRequest,
    reply: FastifyReply,
    admitted: Admitted,
    status: 200 | 201 = 200,
  ) => {
    const wikiId = admitted.task.wiki_id ?? 0
    return answerTask<Wiki>(deps, request, reply, admitted, {
      status,
      ...(status === 201 && { location: `/v1/wikis/${String(wikiId)}` }),
      body: async () => shown(await store.wikis.get(wikiId)),
    })
  }
  const admission = (request: FastifyRequest, actor: UserRow) => ({
    taskId: newTaskId(),
    userId: actor.user_id,
    supportUrl: deps.supportUrl,
    idempotency: idempotencyOf(request),
  })

  routes.post(
    '/v1/wikis',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Create a wiki',
        description: 'Waits for the end (30 s unless the operator says otherwise), then `201`; else `202`.',
        headers: TaskHeaders,
        body: CreateWiki,
        response: { 201: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wanted = request.body
      if (wanted.engine === 'mediawiki') throw engineOff('MediaWiki')
      const { rules, siteLimit, proveControl } = requireFedWiki(deps)
      const domain = resolveDomain(wanted.domain, wanted.custom_domain, rules)
      const identity = (await store.users.identities(actor.user_id))[0]
      if (identity === undefined) {
        throw new Refusal(
          'identity_needed',
          'Link a sign-in identity to your account first: the site’s owner is known by it.',
        )
      }
      if (wanted.custom_domain) await proveControl(domain, actor.user_id)
      const admitted = await admitCreate(store, {
        ...admission(request, actor),
        ...{ domain, siteLimit, isCustomDomain: wanted.custom_domain, name: wanted.name ?? domain },
        ...{ ownerName: wanted.owner_name ?? actor.name, ownerId: identity.subject },
      })
      return answerWiki(request, reply, admitted, 201)
    },
  )

  routes.get(
    '/v1/wikis',
    {
      schema: {
        tags: ['wikis'],
        summary: 'List wikis, newest first',
        querystring: ListWikis,
        response: { 200: WikiList, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request)
      const { cursor, limit, owner, q, featured, engine, status, visibility } = request.query
      const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
      const isOperator = isAtLeast(actor, 'operator')
      if (
        status !== undefined &&
        ['deleted', 'failed', 'removed'].includes(status) &&
        !isOperator &&
        owner !== actor.user_id
      ) {
        throw new Refusal(
          'forbidden',
          `Wikis that are ${status} are shown to their owner only; add owner=${String(actor.user_id)}.`,
        )
      }
      const rows = await store.wikis.list({
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(engine !== undefined && { engine }),
        ...(status !== undefined && { status }),
        ...(visibility !== undefined && { visibility }),
        ...(owner !== undefined && { ownerId: owner }),
        ...(featured !== undefined && { featured }),
        ...(q !== undefined && { text: q }),
        ...(!isOperator && { seenBy: actor.user_id }),
      })
      return page(rows, limit)
    },
  )

  routes.get(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'One wiki',
        params: WikiParams,
        response: { 200: Wiki, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request)
      const wiki = await store.wikis.get(request.params.id)
      if (!maySee(actor, wiki))
        throw new Refusal('wiki_not_found', `There is no wiki ${String(request.params.id)}.`)
      return shown(wiki)
    },
  )

  routes.patch(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Change a wiki',
        description:
          'Names are changed at once; what the farm must do is a task, waited for like a creation.',
        params: WikiParams,
        headers: TaskHeaders,
        body: ChangeWiki,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      const { name, featured, visibility, serving, owner_id: ownerId } = request.body
      if (featured !== undefined || ownerId !== undefined) requireActor(request, 'operator')
      if (visibility === 'private' && wiki.engine === 'fedwiki') {
        throw new Refusal('invalid_request', 'A FedWiki site is always public.')
      }
      const owner = ownerId === undefined ? undefined : await newOwner(ownerId)
      if (name !== undefined || featured !== undefined || visibility !== undefined) {
        await store.wikis.change(wiki.wiki_id, {
          ...(name !== undefined && { name }),
          ...(featured !== undefined && { featured: featured ? 1 : 0 }),
          ...(visibility !== undefined && { visibility }),
        })
      }
      if (serving === undefined && owner === undefined) return shown(await store.wikis.get(wiki.wiki_id))
      const admitted = await admitChange(store, {
        ...admission(request, actor),
        ...{ wikiId: wiki.wiki_id, change: { serving, owner } },
      })
      return answerWiki(request, reply, admitted)
    },
  )

  routes.delete(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Delete a wiki',
        description:
          'It stops serving and can be restored until `purge_after`. Deleting it again, or with `now=1`, removes it for good.',
        params: WikiParams,
        headers: TaskHeaders,
        querystring: z.object({ now: z.enum(['0', '1']).default('0') }),
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      if (['deleted', 'failed', 'removed'].includes(wiki.status)) return shown(wiki)
      const admitted = await admitDelete(store, {
        ...admission(request, actor),
        ...{ wikiId: wiki.wiki_id, now: request.query.now === '1' },
      })
      return answerWiki(request, reply, admitted)
    },
  )

  routes.post(
    '/v1/wikis/:id/restore',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Bring a deleted wiki back, within its undo window',
        params: WikiParams,
        headers: TaskHeaders,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      const { siteLimit } = requireFedWiki(deps)
      const admitted = await admitRestore(store, {
        ...admission(request, actor),
        wikiId: wiki.wiki_id,
        siteLimit,
      })
      return answerWiki(request, reply, admitted)
    },
  )

  for (const path of ['/v1/users/me/wikis', '/v1/users/:id/wikis'] as const) {
    routes.get(
      path,
      {
        schema: {
          tags: ['users'],
          summary: path.includes('me') ? 'My wikis' : 'The wikis of a user, for an admin',
          params: z.object({ id: z.coerce.number().int().positive().optional() }),
          querystring: ListWikis.pick({ limit: true, cursor: true }),
          response: { 200: WikiList, ...refused },
        },
      },
      async (request) => {
        const actor = requireActor(request)
        const userId = request.params.id ?? actor.user_id
        if (userId !== actor.user_id) requireActor(request, 'admin')
        const { cursor, limit } = request.query
        const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
        const rows = await store.wikis.list({
          limit: limit + 1,
          ownerId: userId,
          ...(before !== undefined && { before }),
        })
        return page(rows, limit)
      },
    )
  }

  async function page(rows: WikiRow[], limit: number): Promise<WikiList> {
    const wikis = rows.slice(0, limit)
    const last = wikis.at(-1)
    const more = rows.length > limit && last !== undefined
    return {
      wikis: await presentWikis(store, wikis, url),
      next_cursor: more ? encodeCursor([last.wiki_id]) : null,
    }
  }

  async function newOwner(userId: number) {
    const user = await store.users.get(userId)
    const identity = (await store.users.identities(userId))[0]
    if (identity === undefined) {
      throw new Refusal(
        'identity_needed',
        `${user.name} has no sign-in identity, so the farm could not know them.`,
      )
    }
    return { userId, name: user.name, subject: identity.subject }
  }
}

function requireFedWiki({ fedwiki }: ApiDeps): FedWikiRules {
  if (fedwiki === undefined) throw engineOff('FedWiki')
  return fedwiki
}

function engineOff(engine: string): Refusal {
  return new Refusal(
    'engine_off',
    `${engine} is not set up on this farm. An operator turns it on in the configuration.`,
  )
}

/** The key, with what it stands for: another request under the same key is refused. */
function idempotencyOf({ headers, method, url, body }: FastifyRequest): Idempotency | undefined {
  const key = headers['idempotency-key']
  if (typeof key !== 'string') return undefined
  const request = JSON.stringify([method, url, body ?? null])
  return { key, requestHash: createHash('sha256').update(request).digest('hex') }
}
