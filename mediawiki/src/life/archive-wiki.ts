/** Out of service for the undo window, and back. The wiki itself answers 503 meanwhile; nothing of it is touched. */
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { setBootstrapping } from '../ini/pubwiki-file.ts'
import { purge } from './purge-wiki.ts'
import { folderOf, requireWiki, type WikiInput } from '../phases/task-wiki.ts'

export const archiveStep = 'archive_wiki'
export const restoreStep = 'restore_wiki'

export function archiveWiki(deps: MediaWikiDeps) {
  return async (input: WikiInput): Promise<void> => {
    const { slug, run } = input
    if (deps.undoWindowMs === 0) return purge(deps, input)
    await runStep(
      deps,
      {
        ...{ run, phase: 'archive_wiki', from: 20, message: 'Taking the wiki out of service.' },
        ledger: { step: archiveStep, detail: () => ({ slug }), leftNothing: () => false },
        recall: () => Promise.resolve(),
      },
      () => setBootstrapping(folderOf(deps, slug), true),
      async (scope, _value, task) => {
        const wikiId = requireWiki(task)
        const purgeAfter = deps.store.now() + deps.undoWindowMs
        await scope.wikis.change(wikiId, { status: 'archived', purge_after: purgeAfter })
        await scope.wikis.letGo(wikiId, task.task_id)
        await scope.ledger.settle(task.task_id, archiveStep, 'made')
        const message = `${slug} is deleted. You can restore it until ${new Date(purgeAfter).toISOString()}.`
        return { type: 'status', status: 'succeeded', wiki_id: wikiId, message }
      },
    )
  }
}

export function restoreWiki(deps: MediaWikiDeps) {
  return async ({ slug, run }: WikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'restore_wiki', from: 20, message: 'Putting the wiki back into service.' },
        ledger: { step: restoreStep, detail: () => ({ slug }), leftNothing: () => false },
        recall: () => Promise.resolve(),
      },
      () => setBootstrapping(folderOf(deps, slug), false),
      async (scope, _value, task) => {
        const wikiId = requireWiki(task)
        await scope.wikis.change(wikiId, { status: 'active', purge_after: null })
        await scope.wikis.letGo(wikiId, task.task_id)
        await scope.ledger.settle(task.task_id, restoreStep, 'made')
        return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${slug} is back.` }
      },
    )
  }
}
