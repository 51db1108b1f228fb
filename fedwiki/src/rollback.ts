/**
 * Undoing a task from its ledger: only what this task made, and only when it may have made it. The name is let go in
 * the same transaction that closes the task, never before nothing is left.
 */
import { Context } from '@temporalio/activity'
import { sentences, type RefusalCode } from '@wikistead/contracts'
import type { Scope, TaskRow, WikiRow } from '@wikistead/store'
import type { Closing } from '@wikistead/tasks/close-task'
import type { FedWikiDeps } from './activity-deps.ts'
import { undoSite, type Undone } from './undo-site.ts'

/** Undoes what the task's ledger holds, then closes the task as failed. Done already: does nothing. */
export function rollbackTask(deps: FedWikiDeps) {
  return async ({ run, code, message, supportUrl }: Closing): Promise<void> => {
    const { store } = deps
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    const task = await store.tasks.find(taskId)
    if (task === undefined || task.run !== run || task.ended_at !== null) return
    const undone = await undoSite(deps, task)
    await store.transaction(async (scope) => {
      // Another attempt may have closed the task, and its owner begun a new life of it.
      const held = await scope.tasks.hold(taskId)
      if (held.run !== run || held.ended_at !== null) return
      await settle(scope, task, undone)
      await raiseOperatorAlarm(scope, task, { code, message })
      await scope.tasks.append({
        ...{ taskId, run, dedupeKey: `${String(run)}/closed` },
        event: {
          ...{ type: 'status', status: 'failed', code },
          message: undone === 'gone' && promisesNothingChanged.has(code) ? sentences.gone : message,
          ...(task.wiki_id !== null && { wiki_id: task.wiki_id }),
          ...(supportUrl !== '' && { support_url: supportUrl }),
        },
      })
    })
  }
}

/** Another try at what an earlier rollback left. */
export function finishRollback(deps: FedWikiDeps) {
  return async ({ taskId }: { readonly taskId: string }): Promise<void> => {
    const { store } = deps
    const task = await store.tasks.find(taskId)
    if (task?.code !== 'rollback_incomplete') return
    await store.transaction((scope) => scope.tasks.touch(taskId))
    const undone = await undoSite(deps, task)
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

/** What was removed for good stays so; then these codes' sentences would be untrue. */
const promisesNothingChanged: ReadonlySet<RefusalCode> = new Set([
  'cancelled',
  'farm_unavailable',
  'store_unavailable',
  'fault',
])

/** Our rows as they were before the task. */
async function settle(scope: Scope, task: TaskRow, undone: Undone): Promise<void> {
  for (const { step } of await scope.ledger.open(task.task_id)) {
    await scope.ledger.settle(task.task_id, step, 'undone')
  }
  if (task.wiki_id === null) return
  const wiki = await scope.wikis.find(task.wiki_id)
  if (wiki === undefined || wiki.task_id !== task.task_id) return
  if (wiki.status === 'creating') {
    await scope.wikis.release(wiki.wiki_id, 'failed')
  } else if (undone === 'gone') {
    await scope.wikis.release(wiki.wiki_id, 'deleted')
  } else {
    const status = wiki.status === 'restoring' || wiki.purge_after !== null ? 'archived' : 'active'
    await scope.wikis.change(wiki.wiki_id, { status, purge_after: purgeAfter(task, wiki) })
    await scope.wikis.letGo(wiki.wiki_id, task.task_id)
  }
}

/** The sweeper begins a new task for each purge: one that failed is left alone for an hour, not for a minute. */
function purgeAfter({ kind }: TaskRow, { purge_after: until }: WikiRow): number | null {
  return kind === 'purge_wiki' && until !== null ? Math.max(until, Date.now() + 3_600_000) : until
}

/** What an operator must hear of, for nobody watches it, or everybody's next request will fail the same way. */
async function raiseOperatorAlarm(
  scope: Scope,
  { kind }: TaskRow,
  { code, message }: Pick<Closing, 'code' | 'message'>,
): Promise<void> {
  if (code === 'farm_forbidden' || code === 'farm_unauthorized') {
    await scope.alarms.raise({
      ...{ code: 'farm_credentials', subject: 'fedwiki' },
      message: `The farm refused our own credentials (${code}).`,
      mend: 'Check fedwiki-admin-token and fedwiki-admin-host, then sync: a list that the farm answers clears this.',
    })
  } else if (kind === 'sync_sites' && code !== 'sync_untrusted' && code !== 'cancelled') {
    await scope.alarms.raise({
      ...{ code: 'sync_failed', subject: 'fedwiki', message: `A sync failed (${code}): ${message}` },
      mend: 'Bring the farm back, then sync: the next sync that succeeds clears this.',
    })
  }
}
