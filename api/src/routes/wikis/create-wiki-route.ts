import {
  CreateWiki,
  Refusal,
  TaskAccepted,
  Wiki,
  resolveDomain,
  type CreateMediaWiki,
} from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import {
  admitCreate,
  admitCreateMediaWiki,
  type Admission,
  type CreateMediaWikiRequest,
} from '@wikistead/tasks'
import { isAtLeast, requireActor } from '../../access/acting.ts'
import type { ApiDeps } from '../../deps.ts'
import { hubAccount, siteSubject } from '../../access/engine-identity.ts'
import { refused, type Routes } from '../../routes.ts'
import { requireFedWiki, requireMediaWiki, TaskHeaders, WikiAnswers } from '../../answers/wiki-answers.ts'

export function createWikiRoute(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.post(
    '/v1/wikis',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Create a wiki',
        description:
          'A FedWiki site is waited for (30 s unless the operator says otherwise), then `201`; else, and for MediaWiki, `202`. `Prefer` asks for the other.',
        headers: TaskHeaders,
        body: CreateWiki,
        response: { 201: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wanted = request.body
      const admission = answers.admission(request, actor)
      if (wanted.engine === 'mediawiki') {
        if (wanted.hub) requireActor(request, 'operator')
        const admitted = await admitCreateMediaWiki(store, {
          ...admission,
          ...mediaWikiRequest(deps, wanted, actor),
          ...(await founder(deps, wanted, actor)),
        })
        return answers.afterTask(request, reply, admitted, 201)
      }
      const { rules, siteLimit, proveControl } = requireFedWiki(deps)
      const domain = resolveDomain(wanted.domain, wanted.custom_domain, rules)
      const ownerId = await siteSubject(deps, actor)
      if (wanted.custom_domain && !(await isRepeated(store, admission)))
        await proveControl(domain, actor.user_id)
      const admitted = await admitCreate(store, {
        ...admission,
        ...{ domain, siteLimit, isCustomDomain: wanted.custom_domain, name: wanted.name ?? domain },
        ...{ ownerName: wanted.owner_name ?? actor.name, ownerId },
      })
      return answers.afterTask(request, reply, admitted, 201)
    },
  )
}

/** What was let in once is answered as it was then, also when the proof is gone from the DNS. */
export async function isRepeated(store: Store, { userId, idempotency }: Admission): Promise<boolean> {
  if (idempotency === undefined) return false
  return (await store.tasks.byIdempotencyKey(userId, idempotency.key)) !== undefined
}

/** What is asked for, once the engine's rules have nothing against it. */
export function mediaWikiRequest(
  deps: ApiDeps,
  wanted: CreateMediaWiki,
  actor: UserRow,
): Omit<CreateMediaWikiRequest, keyof Admission> {
  const { requireSlug, requireName, wikiLimit, search, patienceMs } = requireMediaWiki(deps)
  const { name, language, visibility, hub: isHub } = wanted
  const slug = requireSlug(wanted.slug, isHub)
  requireName(name, language)
  const ownerName = wanted.owner_name ?? actor.name
  return {
    ...{ slug, name, language, visibility, isHub, search, patienceMs, ownerName },
    ...{ ownerId: '', wikiLimit },
  }
}

/** With shared accounts, whoever asks is the founder, by their account; operators may name another. */
async function founder(
  deps: ApiDeps,
  wanted: CreateMediaWiki,
  actor: UserRow,
): Promise<Pick<CreateMediaWikiRequest, 'ownerName' | 'ownerAccount'>> {
  const { owner_name: named, hub } = wanted
  if (hub || (named !== undefined && isAtLeast(actor, 'operator'))) return { ownerName: named ?? actor.name }
  const account = await hubAccount(deps, actor)
  if (account === undefined) return { ownerName: named ?? actor.name }
  if (named === undefined || named === account.name) {
    return { ownerName: account.name, ownerAccount: account.number }
  }
  throw new Refusal(
    'invalid_request',
    `The wikis share the accounts of the hub, where you are ${account.name}: leave owner_name out.`,
  )
}
