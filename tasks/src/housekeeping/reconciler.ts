/**
 * The store says what must be done, Temporal does it; where the two disagree the reconciler starts what was never
 * started and closes what ended without saying so. It asks by id, for Temporal's lists are slow and late.
 */
import type { WorkflowExecutionDescription } from '@temporalio/client'
import { sentences } from '@wikistead/contracts'
import type { Store, TaskRow } from '@wikistead/store'
import { closeTask } from '../closing/close-task.ts'
import type { StepLog } from '../step/step.ts'
import type { WorkflowRuns } from '../temporal/workflow-runs.ts'

export interface ReconcilerDeps {
  readonly store: Store
  readonly runs: WorkflowRuns
  readonly log: StepLog
}

export interface Reconciled {
  readonly started: number
  readonly closed: number
  readonly alive: number
}

/** Looks at every open task that nobody has written to for `quietMs`, until the signal is aborted. */
export async function reconcile(
  { store, runs, log }: ReconcilerDeps,
  quietMs = 10_000,
  signal?: AbortSignal,
): Promise<Reconciled> {
  const counts = { started: 0, closed: 0, alive: 0 }
  for (const task of await store.tasks.openUntouchedSince(store.now() - quietMs)) {
    if (signal?.aborted === true) break
    try {
      counts[await reconcileTask(task)] += 1
    } catch (error) {
      log.warn({ err: error, task_id: task.task_id }, 'a task could not be reconciled')
    }
  }
  await clearEnded(store)
  return counts

  async function reconcileTask(task: TaskRow): Promise<keyof typeof counts> {
    const description = await runs.describe(task.task_id)
    const lives = description?.status.name === 'RUNNING'
    if (description === undefined || (!lives && lifeOf(description) < task.run)) {
      log.warn({ task_id: task.task_id, run: task.run }, 'a queued task had no workflow: starting it')
      await runs.start(task)
      await store.transaction((scope) => scope.tasks.touch(task.task_id))
      return 'started'
    }
    if (!lives) {
      log.error({ task_id: task.task_id, status: description.status.name }, 'a workflow ended without a word')
      await closeLost({ store, runs, log }, task)
      return 'closed'
    }
    // The row was read before: a life that has begun since was not meant.
    if (task.cancel_requested === 1 && lifeOf(description) === task.run) await runs.cancel(task.task_id)
    await tellStuck(store, task, description.raw.pendingWorkflowTask?.attempt ?? 0)
    // To the end of the queue: there may be more open tasks than one look takes.
    await store.transaction((scope) => scope.tasks.touch(task.task_id))
    return 'alive'
  }
}

/** Which life of its task a workflow was; what the schedule or a person starts is a first one, and does not say so. */
function lifeOf({ memo }: WorkflowExecutionDescription): number {
  return Number(memo?.['run'] ?? 1)
}

/** A workflow was terminated, or failed in its own code: its task is closed, and what it made left to the sweeper. */
async function closeLost({ store }: ReconcilerDeps, { task_id: taskId, run }: TaskRow): Promise<void> {
  await store.transaction((scope) =>
    closeTask(scope, { taskId, run }, { code: 'terminated', message: sentences.fault }),
  )
}

/** A workflow task that keeps failing never ends by itself: its code is broken, and only an operator can help. */
async function tellStuck(store: Store, { task_id: taskId, kind }: TaskRow, attempt: number): Promise<void> {
  if (attempt < 3) {
    await store.alarms.clear('task_stuck', taskId)
    return
  }
  await store.alarms.raise({
    ...{ code: 'task_stuck', subject: taskId },
    message: `Task ${taskId} (${kind}) does not move: its workflow has failed ${String(attempt)} times in a row.`,
    mend: 'Look at the worker’s log; a worker with mended code takes it up again, or cancel the task.',
  })
}

/** A task that has ended after all was not stuck for good. */
async function clearEnded({ alarms, tasks }: Store): Promise<void> {
  for (const { subject } of await alarms.open('task_stuck')) {
    const task = await tasks.find(subject)
    if (task?.ended_at !== null) await alarms.clear('task_stuck', subject)
  }
}
