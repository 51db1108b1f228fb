/**
 * Phases `suspend_wiki` and `lift_suspension` of a site: it does as the row says at that moment. A farm with our security
 * package refuses every request to it, whatever FarmManager says of it; another one archives it, which is all that it can.
 */
import type { Phase } from '@wikistead/contracts'
import { runStep } from '@wikistead/tasks/step'
import type { WikiRow } from '@wikistead/store'
import type { FedWikiDeps } from '../activity-deps.ts'
import type { SiteInput } from './delete-site.ts'
import { requireWiki } from './task-wiki.ts'

export const suspendSite = (deps: FedWikiDeps) => (input: SiteInput) =>
  tell(deps, input, 'suspend_wiki', 'Taking the site out of service.')

export const liftSiteSuspension = (deps: FedWikiDeps) => (input: SiteInput) =>
  tell(deps, input, 'lift_suspension', 'Putting the site back as it was.')

async function tell(
  deps: FedWikiDeps,
  { domain, run, supportUrl }: SiteInput,
  phase: Phase,
  message: string,
): Promise<void> {
  await runStep<string | null>(
    deps,
    { ...{ run, phase, from: 20, message }, recall: () => Promise.resolve(null) },
    async ({ task, signal }) => {
      const wiki = await deps.store.wikis.get(requireWiki(task))
      await tellFarm(deps, wiki, supportUrl, signal)
      return wiki.suspension_reason
    },
    async (scope, told, task) => {
      const wiki = await scope.wikis.lock(requireWiki(task))
      await scope.suspensions.settle(wiki, told)
      await scope.wikis.letGo(wiki.wiki_id, task.task_id)
      const done =
        told === null ? `${domain} is as it was before it was suspended.` : `${domain} is suspended.`
      return { type: 'status', status: 'succeeded', wiki_id: wiki.wiki_id, message: done }
    },
  )
}

/** A site that is gone is served to nobody; the next sync tells its row. */
async function tellFarm(
  { farm }: FedWikiDeps,
  { address, suspension_reason: reason, serving, status }: WikiRow,
  contact: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await farm.capabilities(signal)).suspends === true) {
    await farm.setSuspension(address, reason === null ? null : { reason, contact }, signal)
    // It may have been suspended before the farm had the package.
    if (reason !== null) return
  }
  const wanted = reason !== null || status === 'archived' ? 'archived' : serving
  const site = await farm.getSite(address, signal)
  if (site !== undefined && site.serving !== wanted) await farm.setServing(address, wanted, signal)
}
