/**
 * Undoing a task from its ledger, the same for both engines: an engine only says how each line of it is taken back. The
 * name is let go in the same transaction that closes the task, never before nothing is left.
 */
import { Context } from '@temporalio/activity'
import { sentences } from '@wikistead/contracts'
import type { Scope, Store, TaskRow } from '@wikistead/store'
import { closeRollback, closeTask, type Closing } from './close-task.ts'
import type { Closed, Found } from '../outcome/end-of-task.ts'
import { isPastNoReturn } from '../outcome/no-return.ts'
import { barSteps } from '../step/undo-bar.ts'

export type { Closed, Found } from '../outcome/end-of-task.ts'

/**
 * Takes back what the task's ledger holds open: only what this task made, and only when it may have made it. May be asked
 * again at any time, also for nothing. @throws whatever keeps a part of it
 */
export type Undo = (task: TaskRow, signal: AbortSignal) => Promise<Found>

/** Undoes what the task's ledger holds, then closes the task as failed. Done already, or past its point of no return: undoes nothing. */
export function rollbackTask(store: Store, undo: Undo) {
  return async ({ run, code, message }: Closing): Promise<Closed> => {
    const { info, cancellationSignal: signal } = Context.current()
    const taskId = info.workflowExecution?.workflowId ?? ''
    if ((await store.tasks.find(taskId)) === undefined) return 'nothing_left'
    const task = await store.transaction((scope) => beginUndo(scope, taskId, run))
    const found = task === undefined ? 'as_before' : await undo(task, signal)
    return store.transaction(async (scope) => {
      // Another attempt may have closed the task, and its owner begun a new life of it.
      if (task !== undefined && isAtWork(await scope.tasks.hold(taskId), run)) await settle(scope, taskId)
      return closeTask(scope, { taskId, run }, { code, message }, found)
    })
  }
}

/** Another try at what an earlier rollback left. */
export function finishRollback(store: Store, undo: Undo) {
  return async ({ taskId }: { readonly taskId: string }): Promise<void> => {
    const task = await store.tasks.find(taskId)
    if (task?.code !== 'rollback_incomplete') return
    const stays = await store.transaction(async (scope) => {
      await scope.tasks.touch(taskId)
      return isPastNoReturn(scope, await scope.tasks.hold(taskId))
    })
    const found = stays ? 'as_before' : await undo(task, Context.current().cancellationSignal)
    await store.transaction(async (scope) => {
      const held = await scope.tasks.hold(taskId)
      if (held.run !== task.run || held.code !== 'rollback_incomplete') return
      await settle(scope, taskId)
      await closeRollback(scope, held, { code: 'fault', message: sentences.undone }, found)
    })
  }
}

/** From its commit on no step of this life begins or ends. Undefined when there is nothing to undo. */
async function beginUndo(scope: Scope, taskId: string, run: number): Promise<TaskRow | undefined> {
  const held = await scope.tasks.hold(taskId)
  if (!isAtWork(held, run) || (await isPastNoReturn(scope, held))) return undefined
  await barSteps(scope, taskId, run)
  if ((await scope.ledger.open(taskId)).length > 0) {
    await scope.tasks.append({
      ...{ taskId, run, dedupeKey: `${String(run)}/rollback/begin` },
      event: {
        ...{ type: 'progress', status: 'running', progress: held.progress, phase: 'rollback' },
        message: 'Taking back what was made.',
      },
    })
  }
  return held
}

const isAtWork = (held: TaskRow, run: number): boolean => held.run === run && held.ended_at === null

async function settle({ ledger }: Scope, taskId: string): Promise<void> {
  for (const { step } of await ledger.open(taskId)) await ledger.settle(taskId, step, 'undone')
}
