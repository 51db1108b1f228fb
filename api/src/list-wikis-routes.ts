import { ListWikis, Refusal, Wiki, WikiList } from '@wikistead/contracts'
import type { WikiRow } from '@wikistead/store'
import { z } from 'zod'
import { isAtLeast, maySee, requireActor } from './actor.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { ApiDeps } from './deps.ts'
import { presentWikis } from './present.ts'
import { refused, type Routes } from './routes.ts'
import { WikiAnswers, WikiParams } from './wiki-answers.ts'

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
      const actor = requireActor(request)
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
        ...(!isAtLeast(actor, 'operator') && { seenBy: actor.user_id }),
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
      return answers.shown(wiki)
    },
  )

  const ofUser = {
    tags: ['users'],
    querystring: ListWikis.pick({ limit: true, cursor: true }),
    response: { 200: WikiList, ...refused },
  }
  routes.get('/v1/users/me/wikis', { schema: { ...ofUser, summary: 'My wikis' } }, async (request) =>
    owned(requireActor(request).user_id, request.query),
  )

  routes.get(
    '/v1/users/:id/wikis',
    { schema: { ...ofUser, summary: 'The wikis of a user, for an admin', params: WikiParams } },
    async (request) => {
      const { id } = request.params
      if (id !== requireActor(request).user_id) requireActor(request, 'admin')
      return owned(id, request.query)
    },
  )

  async function owned(ownerId: number, { cursor, limit }: { cursor?: string | undefined; limit: number }) {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
    const rows = await store.wikis.list({
      limit: limit + 1,
      ownerId,
      ...(before !== undefined && { before }),
    })
    return page(rows, limit)
  }

  async function page(rows: WikiRow[], limit: number): Promise<WikiList> {
    const wikis = rows.slice(0, limit)
    const last = wikis.at(-1)
    const more = rows.length > limit && last !== undefined
    return {
      wikis: await presentWikis(store, wikis, answers.url),
      next_cursor: more ? encodeCursor([last.wiki_id]) : null,
    }
  }
}
