/** What a person does to a task that is under way or failed: another try, or an end. */
import { operationOf, Refusal, openTaskStatuses, sentences, type Lane } from '@wikistead/contracts'
import type { Scope, Store, TaskRow, Turn } from '@wikistead/store'
import { transferEnded } from './accept-transfer.ts'
import { lineOf, requirePlace } from './admission.ts'
import { refuseSecondSync } from './admit-sync.ts'
import { refuseSuspended } from './refuse-suspended.ts'
import { closeTask } from '../closing/close-task.ts'
import { takeTurn, type LaneLimits } from '../turns/take-turn.ts'
import { hasHadItsTurn, type WorkflowRuns } from '../temporal/workflow-runs.ts'

export interface TaskControlDeps extends Limits {
  readonly lanes?: LaneLimits | undefined
  readonly store: Store
  readonly runs: WorkflowRuns
}

interface Limits {
  /** FedWiki sites a user may have, unless their own limit says otherwise. */
  readonly siteLimit: number
  /** MediaWiki wikis a user may have. */
  readonly wikiLimit: number
}

/**
 * Cuts the back-off of an open task short, or gives a failed one a new life from its row: the claim and the place in
 * the quota are taken anew. @throws Refusal `not_retryable`, `name_taken`, `quota_reached`, `busy`, `sync_running`
 */
export async function retryTask(
  { store, runs, lanes, ...limits }: TaskControlDeps,
  taskId: string,
): Promise<TaskRow> {
  const task = await store.tasks.get(taskId)
  if (isOpen(task)) {
    if ((await runs.cutBackOffShort(taskId)) === 0) {
      throw new Refusal('not_retryable', 'The task is at work; there is no waiting to cut short.')
    }
    return task
  }
  const revived = await store.transaction(async (scope) => {
    const row = await scope.tasks.hold(taskId)
    if (row.code === 'rollback_incomplete') {
      throw new Refusal(
        'not_retryable',
        'What the task made is still being taken away. Try again when that is done.',
      )
    }
    if (isOfSuspension(row)) {
      throw new Refusal(
        'not_retryable',
        'It is tried again by itself; to have it tried at once, ask for the suspension or its end once more.',
      )
    }
    if (row.wiki_id !== null) refuseSuspended(await scope.wikis.lock(row.wiki_id))
    const resumes = lacksItsIndex(row)
    if (resumes) await scope.wikis.take(row.wiki_id ?? 0, taskId)
    else if (row.status === 'failed') await takeAnew(scope, row, limits)
    await scope.ledger.clear(taskId)
    // Its index alone is no more than a change.
    const turn = await turnOfRetry(scope, row, resumes ? 'change' : undefined)
    return resumes
      ? scope.tasks.revive(taskId, 'Indexing again.', { ...inputOf(row), resume: 'index' }, turn)
      : scope.tasks.revive(taskId, 'Trying again from the beginning.', undefined, turn)
  })
  if (hasHadItsTurn(revived)) await runs.start(revived).catch(() => undefined) // The reconciler starts it when Temporal is back.
  return revived

  async function turnOfRetry(scope: Scope, row: TaskRow, lane: Lane | undefined): Promise<Turn | undefined> {
    if (row.wiki_id === null) return undefined
    const line = lineOf(row.kind, await scope.wikis.get(row.wiki_id), lane)
    return line && takeTurn(scope, line, row.user_id, lanes)
  }
}

/**
 * The wish is in the row first: every step asks for it, so the task ends even if Temporal hears of it late.
 * @throws Refusal `not_cancellable` when the task has ended
 */
export async function cancelTask({ store, runs }: TaskControlDeps, taskId: string): Promise<TaskRow> {
  const task = await store.transaction(async (scope) => {
    const row = await scope.tasks.requestCancel(taskId)
    // It waits for its turn, which it need not have to end.
    if (!hasHadItsTurn(row)) await closeTask(scope, { taskId, run: row.run }, cancelled)
    return row
  })
  if (!hasHadItsTurn(task)) return store.tasks.get(taskId)
  try {
    // Not started yet: the workflow is, then hears of it at once and undoes nothing but the claim.
    if (!(await runs.cancel(taskId))) {
      await runs.start(task)
      await runs.cancel(taskId)
    }
  } catch {
    // Temporal is away: the reconciler passes the wish on.
  }
  return store.tasks.get(taskId)
}

const cancelled = { code: 'cancelled', message: sentences.cancelled } as const

/** The wiki works, and all that is to be done again is its last phase. */
const lacksItsIndex = ({ engine, kind, status, warning }: TaskRow): boolean =>
  engine === 'mediawiki' && kind === 'create_wiki' && status === 'succeeded' && warning !== null

async function takeAnew(scope: Scope, task: TaskRow, limits: Limits): Promise<void> {
  if (task.kind === 'sync_sites') await refuseSecondSync(scope, task.task_id)
  if (task.wiki_id === null) return
  // First of all the compare-and-swap: it holds the row, so that what is read next stays true.
  await scope.wikis.take(task.wiki_id, task.task_id)
  const wiki = await scope.wikis.get(task.wiki_id)
  if (wiki.owner_id !== inputOf(task).userId) {
    throw new Refusal('not_retryable', 'The wiki has another owner now; this task was for the one before.')
  }
  if (task.kind === 'create_wiki') {
    if (wiki.claim === null) {
      await requirePlaceOf(wiki.owner_id)
      await scope.wikis.reclaim(wiki.wiki_id)
    }
    await scope.wikis.change(wiki.wiki_id, { status: 'creating' })
    return
  }
  const { from, meanwhile } = operationOf(task.kind, task.engine)
  if (meanwhile === undefined || wiki.status !== (inputOf(task).from ?? from[0])) {
    throw new Refusal('not_retryable', `The wiki is ${wiki.status} now; this task has nothing to do on it.`)
  }
  if (task.kind === 'purge_wiki' && (await wasDeletedSince(scope, task))) {
    throw new Refusal('not_retryable', 'The wiki was deleted again since, and can be restored for a while.')
  }
  if (task.kind === 'restore_wiki') await requirePlaceOf(wiki.owner_id)
  const transfer = await scope.transfers.byTask(task.task_id)
  if (transfer !== undefined) {
    if (transfer.status !== 'accepted' || transfer.expires_at <= scope.now()) throw transferEnded()
    await requirePlaceOf(transfer.to_user_id ?? 0)
  }
  await scope.wikis.change(wiki.wiki_id, { status: meanwhile })

  async function requirePlaceOf(userId: number): Promise<void> {
    const { engine } = task
    const limit = engine === 'fedwiki' ? limits.siteLimit : limits.wikiLimit
    await requirePlace(scope, await scope.users.lock(userId), engine, limit, task.task_id)
  }
}

/** A later deletion has given the wiki an undo window of its own, which an earlier task may not cut short. */
async function wasDeletedSince(scope: Scope, task: TaskRow): Promise<boolean> {
  if (task.wiki_id === null) return false
  const filter = { wikiId: task.wiki_id, kind: 'delete_wiki', status: 'succeeded', limit: 1 } as const
  const [latest] = await scope.tasks.list(filter)
  return (latest?.created_at ?? 0) > task.created_at
}

interface AdmittedInput {
  /** Whose wiki the task was admitted for. */
  readonly userId?: unknown
  /** In which status it was then, where there is a choice. */
  readonly from?: unknown
}

const inputOf = ({ input }: TaskRow): AdmittedInput => JSON.parse(input) as AdmittedInput

const isOfSuspension = ({ kind }: TaskRow): boolean => kind === 'suspend_wiki' || kind === 'lift_suspension'

const isOpen = ({ status }: TaskRow): boolean => openTaskStatuses.some((open) => open === status)
