import { ListWikis, Wiki, WikiList } from '@wikistead/contracts'
import type { WikiRow } from '@wikistead/store'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireActor, type Acting } from '../../access/acting.ts'
import { decodeCursor, encodeCursor } from '../../answers/cursor.ts'
import type { ApiDeps } from '../../deps.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { eyesOf } from '../../access/ownership.ts'
import { refused, type Routes } from '../../routes.ts'
import { WikiAnswers, WikiParams } from '../../answers/wiki-answers.ts'

/** Reading wikis: one, all that the actor may see, a user's own. */
export function listWikisRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.get(
    '/v1/wikis',
    {
      schema: {
        tags: ['wikis'],
        summary: 'List wikis, newest first',
        description:
          'Of other people’s wikis, those that are public and stand. What is gone is shown to its owner, and only when `status` asks for it.',
        querystring: ListWikis,
        response: { 200: WikiList, ...refused },
      },
    },
    async (request) => {
      const { acting } = request
      const { cursor, limit, owner, q, featured, engine, status, visibility } = request.query
      const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
      const rows = await store.wikis.list({
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(engine !== undefined && { engine }),
        ...(status !== undefined && { status }),
        ...(visibility !== undefined && { visibility }),
        ...(owner !== undefined && { ownerId: owner }),
        ...(featured !== undefined && { featured }),
        ...(q !== undefined && { text: q }),
        ...eyesOf(acting),
      })
      return page(acting, rows, limit)
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
      const [wiki] = await answers.seenBy(request.acting, [wikiOf(request)])
      return wiki
    },
  )

  const ofUser = {
    tags: ['users'],
    querystring: Paged,
    response: { 200: WikiList, ...refused },
  }
  routes.get('/v1/users/me/wikis', { schema: { ...ofUser, summary: 'My wikis' } }, async (request) =>
    owned(request, requireActor(request).user_id),
  )

  routes.get(
    '/v1/users/:id/wikis',
    { schema: { ...ofUser, summary: 'The wikis of a user, for themself and operators', params: WikiParams } },
    async (request) => {
      return owned(request, request.params.id)
    },
  )

  async function owned(
    { acting, query }: Pick<FastifyRequest, 'acting'> & { query: Paged },
    ownerId: number,
  ) {
    const { cursor, limit } = query
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
    const rows = await store.wikis.list({
      limit: limit + 1,
      ownerId,
      ...(before !== undefined && { before }),
    })
    return page(acting, rows, limit)
  }

  async function page(acting: Acting | undefined, rows: WikiRow[], limit: number): Promise<WikiList> {
    const wikis = rows.slice(0, limit)
    const last = wikis.at(-1)
    const more = rows.length > limit && last !== undefined
    return {
      wikis: await answers.seenBy(acting, wikis),
      next_cursor: more ? encodeCursor([last.wiki_id]) : null,
    }
  }
}

type Paged = z.infer<typeof Paged>
const Paged = ListWikis.pick({ limit: true, cursor: true })
