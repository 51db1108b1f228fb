/** The one way to close a task that did not come to its own end, whoever found that: its workflow, a rollback, the reconciler. */
import { Context } from '@temporalio/activity'
import type { RefusalCode } from '@wikistead/contracts'
import type { Scope, Store, TaskRow } from '@wikistead/store'
import { askForHost } from './ask-for-host.ts'
import { endOfTask, type Closed, type EndOfTask, type Found, type Outcome } from '../outcome/end-of-task.ts'
import { isPastNoReturn } from '../outcome/no-return.ts'
import type { Life } from '../step/step.ts'

export interface Closing extends Life {
  readonly code: RefusalCode
  /** The sentence for the user. */
  readonly message: string
  /** Stands beside the sentence; '' for none. */
  readonly supportUrl: string
}

type CloseTaskInput = Closing & {
  /** What had gone wrong before undoing it did, when that is another thing; and the sentence for that. */
  readonly cause?: RefusalCode
  readonly causeMessage?: string
}

export type TaskActivities = ReturnType<typeof createTaskActivities>

/** What tasks of every engine need; it touches our own rows only. */
export function createTaskActivities(deps: { readonly store: Store }) {
  return { CloseTaskActivity: closeTaskActivity(deps), AskForHostActivity: askForHost(deps) }
}

function closeTaskActivity({ store }: { readonly store: Store }) {
  return async ({ run, code, message, cause, causeMessage }: CloseTaskInput): Promise<Closed> => {
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    if ((await store.tasks.find(taskId)) === undefined) return 'nothing_left'
    return store.transaction((scope) =>
      closeTask(scope, { taskId, run }, { code: cause ?? code, message: causeMessage ?? message }),
    )
  }
}

/**
 * Closes the life of a task; one that is over already stays as it ended. What is open in its ledger keeps the name
 * claimed, and an alarm says what it is.
 */
export async function closeTask(
  scope: Scope,
  { taskId, run }: Life & { readonly taskId: string },
  outcome: Outcome,
  found: Found = 'as_before',
): Promise<Closed> {
  // A rollback that was given up for lost may have come to its end after all.
  const held = await scope.tasks.hold(taskId)
  if (held.run !== run || held.ended_at !== null) return closedAs(held)
  const end = await decide(scope, held, outcome, found)
  await carryOut(scope, held, end)
  await scope.tasks.append({ taskId, run, dedupeKey: `${String(run)}/closed`, event: end.event })
  return end.closed
}

/** The same for a task that was closed with a part left, once nothing is. */
export async function closeRollback(
  scope: Scope,
  held: TaskRow,
  outcome: Outcome,
  found: Found,
): Promise<void> {
  const { task_id: taskId } = held
  const end = await decide(scope, held, outcome, found)
  if (end.closed === 'part') return
  await carryOut(scope, held, end)
  await scope.alarms.clear('rollback_incomplete', taskId)
  await scope.tasks.settleRollback(taskId, end.event)
}

async function decide(scope: Scope, task: TaskRow, outcome: Outcome, found: Found): Promise<EndOfTask> {
  const { task_id: taskId, wiki_id: wikiId } = task
  const wiki = wikiId === null ? undefined : await scope.wikis.find(wikiId)
  return endOfTask(
    {
      ...{ task, found, now: scope.now(), wiki: wiki?.task_id === taskId ? wiki : undefined },
      isPastNoReturn: await isPastNoReturn(scope, task),
      open: await scope.ledger.open(taskId),
      failedPurges: task.kind === 'purge_wiki' ? await failedPurges(scope, task) : 0,
    },
    outcome,
  )
}

async function carryOut(scope: Scope, { task_id: taskId, wiki_id: wikiId }: TaskRow, end: EndOfTask) {
  for (const alarm of end.alarms) await scope.alarms.raise(alarm)
  if (end.wiki === undefined || wikiId === null) return
  if ('released' in end.wiki) return scope.wikis.release(wikiId, end.wiki.released)
  if (end.wiki.change !== undefined) await scope.wikis.change(wikiId, end.wiki.change)
  await scope.wikis.letGo(wikiId, taskId)
}

/** Since the wiki was last deleted, this one left out. */
async function failedPurges(
  { tasks }: Scope,
  { task_id: taskId, wiki_id: wikiId }: TaskRow,
): Promise<number> {
  if (wikiId === null) return 0
  const [deleted] = await tasks.list({ wikiId, kind: 'delete_wiki', status: 'succeeded', limit: 1 })
  const purges = await tasks.list({ wikiId, kind: 'purge_wiki', status: 'failed', limit: 20 })
  const since = deleted?.created_at ?? 0
  return purges.filter((purge) => purge.task_id !== taskId && purge.created_at >= since).length
}

function closedAs({ status, code }: TaskRow): Closed {
  if (status === 'succeeded') return 'kept'
  return code === 'rollback_incomplete' ? 'part' : 'nothing_left'
}
