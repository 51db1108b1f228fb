/**
 * Phases `suspend_wiki` and `lift_suspension`: the wiki does as the row says at that moment, which may be a later decision than
 * the one that the task was made for. Nothing is noted to be undone: only another decision takes one back.
 */
import type { Phase } from '@wikistead/contracts'
import { runStep } from '@wikistead/tasks/step'
import { liftInIni, suspendInIni } from '../ini/suspended-ini.ts'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { folderOf, requireWiki, type WikiInput } from '../phases/task-wiki.ts'

export const suspendWiki = (deps: MediaWikiDeps) => (input: WikiInput) =>
  tell(deps, input, 'suspend_wiki', 'Taking the wiki out of service.')

export const liftSuspension = (deps: MediaWikiDeps) => (input: WikiInput) =>
  tell(deps, input, 'lift_suspension', 'Putting the wiki back as it was.')

async function tell(
  deps: MediaWikiDeps,
  { slug, run, supportUrl }: WikiInput,
  phase: Phase,
  message: string,
): Promise<void> {
  await runStep<string | null>(
    deps,
    { ...{ run, phase, from: 20, message }, recall: () => Promise.resolve(null) },
    async ({ task }) => {
      const { suspension_reason: reason } = await deps.store.wikis.get(requireWiki(task))
      const folder = folderOf(deps, slug)
      if (reason === null) await liftInIni(folder)
      else await suspendInIni(folder, { reason, contact: supportUrl })
      return reason
    },
    async (scope, told, task) => {
      const wiki = await scope.wikis.lock(requireWiki(task))
      await scope.suspensions.settle(wiki, told)
      await scope.wikis.letGo(wiki.wiki_id, task.task_id)
      const done = told === null ? `${slug} is as it was before it was suspended.` : `${slug} is suspended.`
      return { type: 'status', status: 'succeeded', wiki_id: wiki.wiki_id, message: done }
    },
  )
}
