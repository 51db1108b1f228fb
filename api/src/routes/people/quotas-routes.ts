import { QuotaList, type Engine } from '@wikistead/contracts'
import type { UserRow } from '@wikistead/store'
import { requireActor } from '../../access/acting.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'
import { WikiParams } from '../../answers/wiki-answers.ts'

/** How many wikis a user has and may have, of each engine that is on. */
export function quotaRoutes(routes: Routes, { store, fedwiki, mediawiki }: ApiDeps): void {
  const schema = { tags: ['users'], response: { 200: QuotaList, ...refused } }

  routes.get('/v1/users/me/quotas', { schema: { ...schema, summary: 'My quotas' } }, (request) =>
    quotasOf(requireActor(request)),
  )

  routes.get(
    '/v1/users/:id/quotas',
    { schema: { ...schema, summary: 'The quotas of a user', params: WikiParams } },
    async (request) => quotasOf(await store.users.get(request.params.id)),
  )

  async function quotasOf(user: UserRow): Promise<QuotaList> {
    const limits: readonly (readonly [Engine, number | undefined])[] = [
      ['mediawiki', mediawiki && (user.wiki_limit ?? mediawiki.wikiLimit)],
      ['fedwiki', fedwiki && (user.site_limit ?? fedwiki.siteLimit)],
    ]
    const quotas: QuotaList['quotas'] = []
    for (const [engine, limit] of limits) {
      if (limit === undefined) continue
      const { user_id: id } = user
      const coming = await store.transfers.countComing(id, engine)
      quotas.push({ engine, used: (await store.wikis.countOwned(id, engine)) + coming, limit })
    }
    return { quotas }
  }
}
