/** For good: the task does not end while anything of the wiki is left. */
import { refuseToRemoveSuspended } from '@wikistead/tasks/refuse-suspended'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { stopScripts } from '../phases/run-script.ts'
import { requireGone, takeAwayAll } from './take-away.ts'
import { makerOf, requireWiki, type WikiInput } from '../phases/task-wiki.ts'

export const purgeStep = 'purge_wiki'

export const purgeWiki = (deps: MediaWikiDeps) => (input: WikiInput) => purge(deps, input)

export async function purge(deps: MediaWikiDeps, { slug, run }: WikiInput): Promise<void> {
  const { store, runner } = deps
  await runStep(
    deps,
    {
      ...{ run, phase: 'purge_wiki', from: 20, message: 'Removing the wiki for good.' },
      look: ({ task }) => refuseToRemoveSuspended(store, task),
      ledger: { step: purgeStep, detail: () => ({ slug }), leftNothing: () => false },
      recall: () => Promise.resolve(),
    },
    async ({ task, signal }) => {
      const maker = await makerOf(store, requireWiki(task))
      await stopScripts(deps, { taskId: maker, run: (await store.tasks.get(maker)).run }, signal)
      await takeAwayAll(deps, { slug, maker, signal })
      await requireGone(deps, { slug, signal })
      await runner.forget(maker)
    },
    async (scope, _value, task) => {
      const wikiId = requireWiki(task)
      await scope.wikis.release(wikiId, 'deleted')
      await scope.ledger.settle(task.task_id, purgeStep, 'made')
      return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${slug} is gone for good.` }
    },
  )
}
