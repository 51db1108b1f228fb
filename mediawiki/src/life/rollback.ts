/**
 * Undoing a task from its ledger: only what this task made, and only when it may have made it. The name is let go in
 * the same transaction that closes the task, never before nothing is left.
 */
import { Context } from '@temporalio/activity'
import { sentences } from '@wikistead/contracts'
import type { Scope, Store, TaskRow } from '@wikistead/store'
import type { Closing } from '@wikistead/tasks/close-task'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { undoTask, type Undone } from './undo-task.ts'

/** Undoes what the task's ledger holds, then closes the task as failed. Done already: does nothing. */
export function rollbackTask(deps: MediaWikiDeps) {
  return async ({ run, code, message, supportUrl }: Closing): Promise<void> => {
    const { store } = deps
    const { info, cancellationSignal: signal } = Context.current()
    const taskId = info.workflowExecution?.workflowId ?? ''
    const task = await store.tasks.find(taskId)
    if (task === undefined || task.run !== run || task.ended_at !== null) return
    await tellBegin(store, task)
    const undone = await undoTask(deps, task, signal)
    await store.transaction(async (scope) => {
      // Another attempt may have closed the task, and its owner begun a new life of it.
      const held = await scope.tasks.hold(taskId)
      if (held.run !== run || held.ended_at !== null) return
      await settle(scope, task, undone)
      await scope.tasks.append({
        ...{ taskId, run, dedupeKey: `${String(run)}/closed` },
        event: {
          ...{ type: 'status', status: 'failed', code },
          message: undone === 'gone' ? sentences.gone : message,
          ...(task.wiki_id !== null && { wiki_id: task.wiki_id }),
          ...(supportUrl !== '' && { support_url: supportUrl }),
        },
      })
    })
  }
}

/** Another try at what an earlier rollback left. */
export function finishRollback(deps: MediaWikiDeps) {
  return async ({ taskId }: { readonly taskId: string }): Promise<void> => {
    const { store } = deps
    const task = await store.tasks.find(taskId)
    if (task?.code !== 'rollback_incomplete') return
    await store.transaction((scope) => scope.tasks.touch(taskId))
    const undone = await undoTask(deps, task, Context.current().cancellationSignal)
    await store.transaction(async (scope) => {
      const held = await scope.tasks.hold(taskId)
      if (held.run !== task.run || held.code !== 'rollback_incomplete') return
      await settle(scope, task, undone)
      await scope.alarms.clear('rollback_incomplete', taskId)
      await scope.tasks.settleRollback(taskId, {
        ...{ type: 'status', status: 'failed', code: 'fault' },
        message: undone === 'gone' ? sentences.gone : sentences.undone,
        ...(task.wiki_id !== null && { wiki_id: task.wiki_id }),
        ...(task.support_url !== null && { support_url: task.support_url }),
      })
    })
  }
}

async function tellBegin(store: Store, { task_id: taskId, run, progress }: TaskRow): Promise<void> {
  if ((await store.ledger.open(taskId)).length === 0) return
  await store.transaction((scope) =>
    scope.tasks.append({
      ...{ taskId, run, dedupeKey: `${String(run)}/rollback/begin` },
      event: {
        ...{ type: 'progress', status: 'running', progress, phase: 'rollback' },
        message: 'Taking back what was made.',
      },
    }),
  )
}

/** Our rows as they were before the task. */
async function settle(scope: Scope, { task_id: taskId, wiki_id: wikiId, kind }: TaskRow, undone: Undone) {
  for (const { step } of await scope.ledger.open(taskId)) await scope.ledger.settle(taskId, step, 'undone')
  const wiki = wikiId === null ? undefined : await scope.wikis.find(wikiId)
  if (wiki === undefined || wiki.task_id !== taskId) return
  if (kind === 'create_wiki' && undone === 'nothing' && wiki.status === 'active') {
    // Only its index was to be made again.
    await scope.wikis.letGo(wiki.wiki_id, taskId)
  } else if (kind === 'create_wiki') {
    await scope.wikis.release(wiki.wiki_id, 'failed')
  } else if (undone === 'gone') await scope.wikis.release(wiki.wiki_id, 'deleted')
  else {
    const status = wiki.purge_after === null ? 'active' : 'archived'
    // The sweeper begins a new task for each purge: one that failed is left alone for an hour, not for a minute.
    const later = kind === 'purge_wiki' && wiki.purge_after !== null ? Date.now() + 3_600_000 : 0
    const purgeAfter = wiki.purge_after === null ? null : Math.max(wiki.purge_after, later)
    await scope.wikis.change(wiki.wiki_id, { status, purge_after: purgeAfter })
    await scope.wikis.letGo(wiki.wiki_id, taskId)
  }
}
