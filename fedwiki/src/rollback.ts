/**
 * Undoing a task from its ledger: only what this task made, and only when it may have made it. The name is let go in
 * the same transaction that closes the task, never before nothing is left.
 */
import { Context } from '@temporalio/activity'
import { sentences } from '@wikistead/contracts'
import type { LedgerRow, Scope, TaskRow, WikiRow } from '@wikistead/store'
import type { FedWikiDeps } from './activity-deps.ts'
import type { Closing } from './close-task.ts'
import { createStep } from './create-site.ts'
import { siteUnknown } from './site-unknown.ts'

/** Undoes what the task's ledger holds, then closes the task as failed. Done already: does nothing. */
export function rollbackTask(deps: FedWikiDeps) {
  return async ({ run, code, message, supportUrl }: Closing): Promise<void> => {
    const { store } = deps
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    const task = await store.tasks.find(taskId)
    if (task === undefined || task.run !== run || task.ended_at !== null) return
    const undone = await undo(deps, task)
    await store.transaction(async (scope) => {
      await settle(scope, task, undone)
      await raiseOperatorAlarm(scope, task, { code, message })
      await scope.tasks.append({
        ...{ taskId, run, dedupeKey: `${String(run)}/closed` },
        event: {
          ...{ type: 'status', status: 'failed', code, message },
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
    const undone = await undo(deps, task)
    await store.transaction(async (scope) => {
      await settle(scope, task, undone)
      await scope.alarms.clear('rollback_incomplete', taskId)
      await scope.tasks.settleRollback(taskId, 'fault', sentences.undone)
    })
  }
}

/** What the farm turned out to hold of the task's site once the task was undone. */
type Undone = 'as_before' | 'gone'

async function undo(deps: FedWikiDeps, task: TaskRow): Promise<Undone> {
  let undone: Undone = 'as_before'
  const wiki = task.wiki_id === null ? undefined : await deps.store.wikis.find(task.wiki_id)
  for (const line of await deps.store.ledger.open(task.task_id)) {
    if (wiki === undefined) continue
    if (line.step === createStep) await removeCreated(deps, line, wiki)
    else undone = await putBack(deps, wiki)
  }
  return undone
}

async function removeCreated({ farm, store }: FedWikiDeps, line: LedgerRow, wiki: WikiRow): Promise<void> {
  const signal = Context.current().cancellationSignal
  const site = await farm.getSite(wiki.address, signal)
  if (site === undefined) return
  const { owner_id: ownerId } = JSON.parse(line.detail) as { readonly owner_id: string }
  if (site.owner.sub === ownerId || (site.ownerless && site.pages === 0)) {
    await farm.removeSite(wiki.address, signal)
  } else if (site.ownerless) {
    throw await siteUnknown(store, wiki.address)
  }
}

/** The site serves as it did before: its row still says how. */
async function putBack({ farm }: FedWikiDeps, wiki: WikiRow): Promise<Undone> {
  const serving = wiki.status === 'restoring' ? 'archived' : wiki.serving
  const site = await farm.setServing(wiki.address, serving, Context.current().cancellationSignal)
  return site === undefined ? 'gone' : 'as_before'
}

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
    await scope.wikis.change(wiki.wiki_id, { status })
    await scope.wikis.letGo(wiki.wiki_id, task.task_id)
  }
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
