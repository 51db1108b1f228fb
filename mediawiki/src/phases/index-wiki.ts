/** Phase `index`: what is there already can be found. Its failure leaves a usable wiki and a warning. */
import { Context } from '@temporalio/activity'
import { mediaWikiSentences, type StatusEvent } from '@wikistead/contracts'
import type { Scope, TaskRow } from '@wikistead/store'
import { closeTask } from '@wikistead/tasks/close-task'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { indexByCirrus } from './index-by-cirrus.ts'
import { runScript } from './run-script.ts'
import { requireWiki, type CreateWikiInput, type WikiInput } from './task-wiki.ts'
import { indexTimeLimitMs, unhurried } from './unhurried.ts'

type IndexInput = WikiInput & Pick<CreateWikiInput, 'search' | 'resume'>

export function indexWiki(deps: MediaWikiDeps) {
  return async (input: IndexInput): Promise<void> => {
    const { slug, run, search } = input
    await runStep(
      deps,
      {
        ...{ run, phase: 'index', from: 90, message: 'Indexing the pages.' },
        recall: () => Promise.resolve(),
      },
      async (step) => {
        if (search === 'cirrus') await indexByCirrus(deps, step, input)
        else {
          const argv = [...unhurried, 'php', 'maintenance/run', 'rebuildtextindex']
          const of = { phase: 'index', slug, run, timeLimitMs: indexTimeLimitMs } as const
          await runScript(deps, step, { ...of, name: 'index', argv })
        }
        await forgetScripts(deps)
      },
      async (scope, _value, task) => ended(scope, task, slug),
    )
  }
}

/** What workflows of older releases end with when their index failed; today closing needs no host. */
export function closeWithoutIndex(deps: MediaWikiDeps) {
  const { store } = deps
  return async ({ run }: CreateWikiInput): Promise<{ readonly warning: string }> => {
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    const warning = mediaWikiSentences.index_failed
    await store.transaction((scope) => closeTask(scope, { taskId, run }, { code: 'fault', message: warning }))
    return { warning }
  }
}

/** Before the end is told, after which nothing of a task is to be left. Their output is in its history. */
async function forgetScripts({ runner }: MediaWikiDeps): Promise<void> {
  await runner.forget(Context.current().info.workflowExecution?.workflowId ?? '')
}

async function ended(scope: Scope, task: TaskRow, slug: string): Promise<StatusEvent> {
  const wikiId = requireWiki(task)
  const again = task.kind === 'reindex_wiki'
  if (again) await scope.wikis.change(wikiId, { status: 'active' })
  await scope.wikis.letGo(wikiId, task.task_id)
  const message = again ? `The pages of ${slug} can be found.` : `${slug} is ready.`
  return { type: 'status', status: 'succeeded', wiki_id: wikiId, message }
}
