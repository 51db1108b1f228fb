/** Phase `index`: what is there already can be found. Its failure leaves a usable wiki and a warning. */
import { Context } from '@temporalio/activity'
import { mediaWikiSentences, type StatusEvent } from '@wikistead/contracts'
import type { Scope, TaskRow } from '@wikistead/store'
import { closeTask } from '@wikistead/tasks/close-task'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { runScript, type Script } from './run-script.ts'
import { requireWiki, type CreateWikiInput } from './task-wiki.ts'

const timeLimitMs = 60 * 60_000
/**
 * People work in the wiki meanwhile, and others wait for theirs. Each command has a session of its own, which a kernel with
 * autogroups (see sched(7)) gives as much of the processor as any other session, however nice the processes in it are.
 */
const unhurried = [
  ...['sh', '-c', '{ echo 19 > /proc/self/autogroup; } 2> /dev/null; exec nice -n 19 "$@"', 'sh'],
] as const
const force = [...unhurried, 'php', 'extensions/CirrusSearch/maintenance/ForceSearchIndex.php']

const scriptsOf: Readonly<Record<MediaWikiDeps['search'], readonly Pick<Script, 'name' | 'argv'>[]>> = {
  cirrus: [
    { name: 'index', argv: [...force, '--skipLinks', '--indexOnSkip'] },
    { name: 'index_links', argv: [...force, '--skipParse'] },
  ],
  core: [{ name: 'index', argv: [...unhurried, 'php', 'maintenance/run', 'rebuildtextindex'] }],
}

export function indexWiki(deps: MediaWikiDeps) {
  return async ({ slug, run, search }: CreateWikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'index', from: 90, message: 'Indexing the pages.' },
        recall: () => Promise.resolve(),
      },
      async (step) => {
        for (const script of scriptsOf[search]) {
          await runScript(deps, step, { ...script, phase: 'index', slug, run, timeLimitMs })
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
  await scope.wikis.letGo(wikiId, task.task_id)
  return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${slug} is ready.` }
}
