import { TaskAccepted, Wiki } from '@wikistead/contracts'
import { admitReindex } from '@wikistead/tasks'
import { requireActor } from '../../access/acting.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { TaskHeaders, WikiAnswers, WikiParams } from '../../answers/wiki-answers.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** What operators do for a wiki whose pages cannot be found, or are to be found under new names. */
export function reindexRoute(routes: Routes, deps: ApiDeps): void {
  const { store, mediawiki } = deps
  const answers = new WikiAnswers(deps)

  routes.post(
    '/v1/wikis/:id/reindex',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Make what finds the pages of a MediaWiki wiki again',
        description:
          'It is in service meanwhile. A wiki whose indices in OpenSearch have the names of an earlier release is carried over to those of today, and found under the old ones until then.',
        params: WikiParams,
        headers: TaskHeaders,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const { wiki_id: wikiId } = wikiOf(request)
      const admitted = await admitReindex(store, {
        ...answers.admission(request, requireActor(request)),
        ...{ wikiId, patienceMs: mediawiki?.patienceMs, search: mediawiki?.search },
      })
      return answers.afterTask(request, reply, admitted)
    },
  )
}
