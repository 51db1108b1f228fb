/** Taking a site away: first out of sight for its undo window, then for good. Absent is what was wanted. */
import { Context } from '@temporalio/activity'
import { Refusal, type DeleteFedWikiSiteWorkflowInput, type Phase } from '@wikistead/contracts'
import { admitDelete } from '@wikistead/tasks'
import { refuseToRemoveSuspended } from '@wikistead/tasks/refuse-suspended'
import { runStep, type Life } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import { leftNothingOnFarm } from '../farm/farm-error.ts'
import { requireWiki } from './task-wiki.ts'

export type SiteInput = DeleteFedWikiSiteWorkflowInput & Life

const deleteStep = 'delete_site'
export const purgeStep = 'purge_site'

export function deleteSite(deps: FedWikiDeps) {
  return async (input: SiteInput): Promise<void> => {
    await admitIfNew(deps, input)
    await takeAway(deps, input, 'delete_site', deps.undoWindowMs)
  }
}

export function purgeSite(deps: FedWikiDeps) {
  return async (input: SiteInput): Promise<void> => takeAway(deps, input, 'purge_site', 0)
}

async function takeAway(
  deps: FedWikiDeps,
  input: SiteInput,
  phase: Phase,
  undoWindowMs: number,
): Promise<void> {
  const { farm, store } = deps
  const { domain, run } = input
  const forGood = undoWindowMs === 0
  const step = forGood ? purgeStep : deleteStep
  await runStep<'archived' | 'removed' | 'absent' | undefined>(
    deps,
    {
      ...{ run, phase, from: 20 },
      message: forGood ? 'Removing the site from the farm.' : 'Taking the site off the farm.',
      look: async ({ task }) => (forGood ? refuseToRemoveSuspended(store, task) : undefined),
      ledger: { step, detail: () => ({ domain }), leftNothing: leftNothingOnFarm },
      recall: () => Promise.resolve(undefined),
    },
    ({ signal }) => (forGood ? farm.removeSite(domain, signal) : farm.archiveSite(domain, signal)),
    async (scope, found, task) => {
      const wikiId = requireWiki(task)
      if (found === 'archived') {
        const purgeAfter = scope.now() + undoWindowMs
        await scope.wikis.change(wikiId, { status: 'archived', purge_after: purgeAfter })
        await scope.wikis.letGo(wikiId, task.task_id)
        await scope.ledger.settle(task.task_id, step, 'made')
        const message = `${domain} is deleted. You can restore it until ${new Date(purgeAfter).toISOString()}.`
        return { type: 'status', status: 'succeeded', wiki_id: wikiId, message }
      }
      await scope.wikis.release(wikiId, 'deleted')
      await scope.ledger.settle(task.task_id, step, forGood ? 'made' : 'void')
      const message = `${domain} is gone for good.`
      return { type: 'status', status: 'succeeded', wiki_id: wikiId, message }
    },
  )
}

/** A workflow that somebody started without the API takes the wiki here, by the same rules. */
async function admitIfNew({ store }: FedWikiDeps, { domain, userId, supportUrl }: SiteInput): Promise<void> {
  const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
  if ((await store.tasks.find(taskId)) !== undefined) return
  const wiki = await store.wikis.byClaim('fedwiki', domain)
  if (wiki === undefined) throw new Refusal('wiki_not_found', `There is no site ${domain}.`)
  await admitDelete(store, { taskId, userId, supportUrl, wikiId: wiki.wiki_id })
}
