import { CreateWiki, Refusal, TaskAccepted, Wiki, resolveDomain } from '@wikistead/contracts'
import { admitCreate } from '@wikistead/tasks'
import { requireActor } from './actor.ts'
import type { ApiDeps } from './deps.ts'
import { refused, type Routes } from './routes.ts'
import { engineOff, requireFedWiki, TaskHeaders, WikiAnswers } from './wiki-answers.ts'

export function createWikiRoute(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

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
        ...answers.admission(request, actor),
        ...{ domain, siteLimit, isCustomDomain: wanted.custom_domain, name: wanted.name ?? domain },
        ...{ ownerName: wanted.owner_name ?? actor.name, ownerId: identity.subject },
      })
      return answers.afterTask(request, reply, admitted, 201)
    },
  )
}
