import { Refusal } from '@wikistead/contracts'
import { runStep } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import { leftNothingOnFarm } from '../farm/farm-error.ts'
import type { SiteInput } from './delete-site.ts'
import { requireWiki } from './task-wiki.ts'

const restoreStep = 'restore_site'

/** Brings a site back as it was before it was deleted. @throws Refusal `not_restorable` when the farm has lost it */
export function restoreSite(deps: FedWikiDeps) {
  return async ({ domain, run }: SiteInput): Promise<void> => {
    const { farm, store } = deps
    await runStep<void>(
      deps,
      {
        ...{ run, phase: 'restore_site', from: 20, message: 'Bringing the site back.' },
        ledger: { step: restoreStep, detail: () => ({ domain }), leftNothing: leftNothingOnFarm },
        recall: () => Promise.resolve(),
      },
      async ({ task, signal }) => {
        const { serving } = await store.wikis.get(requireWiki(task))
        if ((await farm.setServing(domain, serving, signal)) !== undefined) return
        throw new Refusal('not_restorable', `The farm no longer has ${domain}, so it cannot be restored.`)
      },
      async (scope, _, task) => {
        const wikiId = requireWiki(task)
        await scope.wikis.change(wikiId, { status: 'active', purge_after: null })
        await scope.wikis.letGo(wikiId, task.task_id)
        await scope.ledger.settle(task.task_id, restoreStep, 'made')
        return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${domain} is back.` }
      },
    )
  }
}
