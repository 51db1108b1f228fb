/** What the founders' paths name by a slug, and their list of what is public. */
import {
  ListProvisionedWikis,
  ProvisionedWikis,
  SlugExists,
  SlugParams,
  TaskAccepted,
  Wiki,
} from '@wikistead/contracts'
import { z } from 'zod'
import { servicePrefix } from '../access/service-acting.ts'
import { WikiAnswers } from '../answers/wiki-answers.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { provisionedPage } from './provisioned-page.ts'
import { deleteWiki } from './wikis/delete-wiki.ts'

const tags = ['for the MediaWiki extension']

export function provisionerSlugRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.get(
    `${servicePrefix}/wikis/public`,
    {
      schema: {
        tags,
        summary: 'List the wikis that everybody may read, newest first, whoever asks',
        querystring: ListProvisionedWikis.omit({ featured: true }),
        response: { 200: ProvisionedWikis, ...refused },
      },
    },
    async ({ acting, query }) =>
      // As a stranger: an operator sees more elsewhere.
      provisionedPage(deps, acting, { seenBy: 0, visibility: 'public' }, query),
  )

  routes.get(
    `${servicePrefix}/wikis/slug/:slug/exists`,
    {
      schema: {
        tags,
        summary: 'Whether a slug is taken, as `GET /v1/names/mediawiki/{name}` says it',
        params: SlugParams,
        response: { 200: SlugExists, ...refused },
      },
    },
    async ({ params: { slug } }) => ({ slug, exists: await isTaken(slug) }),
  )

  routes.delete(
    `${servicePrefix}/wikis/:slug`,
    {
      schema: {
        tags,
        summary: 'Delete a MediaWiki wiki by its slug',
        description:
          'As `DELETE /v1/wikis/{id}`: a task, and what is deleted can be restored for a while. Where no wiki has the slug, nothing is left to do.',
        params: SlugParams,
        response: { 200: z.union([Wiki, SlugExists]), 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const { wiki } = request.about
      if (wiki === undefined) return { slug: request.params.slug, exists: false }
      return deleteWiki({ routes, deps, answers }, request, reply, { wiki, now: false })
    },
  )

  const isTaken = async (slug: string): Promise<boolean> =>
    (await store.wikis.byClaim('mediawiki', slug)) !== undefined
}
