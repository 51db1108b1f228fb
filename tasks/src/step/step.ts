/**
 * One phase of a task as an activity runs it. Its beginning is in the store before the act (with the ledger's line of
 * what the act may leave behind), its end commits together with what the act changed in our rows, a failed attempt is
 * an event at once, and an attempt that comes back after the end was stored finds its result instead of acting twice.
 */
import { Context } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import {
  operationOf,
  Refusal,
  sentences,
  type Phase,
  type ProgressEvent,
  type TaskEvent,
} from '@wikistead/contracts'
import type { LedgerRow, NewAlarm, Scope, Store, TaskRow } from '@wikistead/store'
import { classify } from './activity-failure.ts'
import { nextAttemptAt } from './next-attempt.ts'
import { outOfPatience, patienceEnds } from './patience.ts'
import { clearOutcomeAlarms } from '../outcome/outcome-alarms.ts'
import { requireUnbarred } from './undo-bar.ts'

export interface Life {
  /** The task's life that the workflow runs; see the row's `run`. */
  readonly run: number
}

export interface StepDeps {
  readonly store: Store
  readonly log: StepLog
  /** Hears of every attempt that ended, for the metrics. */
  readonly onPhaseEnd?: (outcome: PhaseOutcome) => void
}

/** The little of a pino logger that a step needs. */
export interface StepLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface PhaseOutcome {
  readonly kind: TaskRow['kind']
  readonly engine: TaskRow['engine']
  readonly phase: Phase
  readonly outcome: 'succeeded' | 'failed' | 'refused'
  readonly seconds: number
}

export interface StepPlan<T> extends Life {
  readonly phase: Phase
  /** Percent of the whole task when the phase begins. */
  readonly from: number
  readonly message: string
  /** Asks and changes nothing. It goes before everything else: a refusal here leaves nothing that need be undone. */
  readonly look?: (step: Step) => Promise<void>
  /** What the act may leave behind, noted before it. */
  readonly ledger?: LedgerPlan
  /** The act only reads our own rows: nothing need be told before it, and one commit holds begin and end. */
  readonly atOnce?: boolean
  /** The result of an attempt whose end is in the store already. */
  readonly recall: (task: TaskRow) => Promise<T>
}

export interface LedgerPlan {
  readonly step: string
  /** Called after the look; what the first attempt wrote is kept. */
  readonly detail: () => Readonly<Record<string, unknown>>
  /** Whether this error proves that the attempt left nothing behind; then there is nothing to undo of it. */
  readonly leftNothing: (error: unknown) => boolean
}

export interface Step {
  readonly task: TaskRow
  /** From 1; above 1 an earlier attempt may have acted. */
  readonly attempt: number
  readonly signal: AbortSignal
  /** The ledger's line as earlier attempts left it; undefined when none of them came to its act. */
  readonly ledger: LedgerRow | undefined
}

/** Our side of the act, in the transaction that also holds the phase's end; returns the event that tells of it. */
export type StepEnd<T> = (scope: Scope, value: T, task: TaskRow) => Promise<TaskEvent>

export async function runStep<T>(
  deps: StepDeps,
  plan: StepPlan<T>,
  act: (step: Step) => Promise<T>,
  end: StepEnd<T>,
): Promise<T> {
  const { store } = deps
  const { info, cancellationSignal: signal } = Context.current()
  const { attempt } = info
  const taskId = info.workflowExecution?.workflowId ?? ''
  const { run, phase } = plan
  const key = `${String(run)}/${phase}`
  const of = {
    taskId,
    attempt,
    key: `${key}/${String(attempt)}@${String(info.currentAttemptScheduledTimestampMs)}`,
  }
  const startedAt = performance.now()
  let task: TaskRow | undefined
  let ledger: LedgerRow | undefined
  let begunAt: number | undefined
  try {
    task = await store.tasks.get(taskId)
    if (await store.tasks.hasEvent(taskId, endKey(plan))) return await plan.recall(task)
    await requirePatience(store, task, plan, attempt)
    // The first beat asks whether the task was cancelled while this attempt waited.
    Context.current().heartbeat()
    ledger = plan.ledger && (await store.ledger.get(taskId, plan.ledger.step))
    const step = { task, attempt, signal, ledger }
    await plan.look?.(step)
    if (plan.atOnce !== true) {
      begunAt = await begin(deps, plan, task, of)
      if (begunAt === undefined) return await plan.recall(task)
    }
    const value = await act(step)
    const told = await store.transaction(async (scope) => {
      const held = await scope.tasks.hold(taskId)
      if (await scope.tasks.hasEvent(taskId, endKey(plan))) return false
      await requireUnbarred(scope, taskId, run)
      requireWanted(held, run)
      if (plan.atOnce === true) await tellBegin(scope, plan, of)
      const event = await end(scope, value, held)
      if (isPastNoReturn(held, phase, event)) await scope.ledger.seal(taskId)
      if (hasSucceeded(event)) await clearOutcomeAlarms(scope, held)
      await scope.tasks.append({ taskId, run, event, dedupeKey: endKey(plan), patch: { phase } })
      return true
    })
    if (!told) return await plan.recall(task)
    report(deps, phase, task, 'succeeded', startedAt)
    return value
  } catch (error) {
    if (signal.aborted || error instanceof CancelledFailure) throw error
    if (task !== undefined) {
      report(deps, phase, task, error instanceof Refusal ? 'refused' : 'failed', startedAt)
    }
    const next = await nextTry(deps, plan, task, error)
    await tellFailedAttempt(deps, plan, { ...of, ledger, begunAt, next }, error)
    throw next === 'never' ? outOfPatience() : error
  }
}

/** Attempts whose worker was lost end without a word; so whoever comes after them asks, too. */
async function requirePatience(
  store: Store,
  task: TaskRow,
  plan: StepPlan<unknown>,
  attempt: number,
): Promise<void> {
  if (attempt === 1) return
  const ends = await patienceEnds(store, task, plan)
  if (ends !== undefined && ends < store.now()) throw outOfPatience()
}

/** In milliseconds since 1970; `never`: the phase has tried for as long as it has patience. */
type NextTry = number | undefined | 'never'

async function nextTry(
  { store }: StepDeps,
  plan: StepPlan<unknown>,
  task: TaskRow | undefined,
  error: unknown,
): Promise<NextTry> {
  const { final, code, retryAfterMs } = classify(error)
  if (final || code === 'fenced') return undefined
  const next = nextAttemptAt(Context.current().info, store.now(), retryAfterMs)
  // A store that does not answer is not what ends a phase.
  const ends = task && (await patienceEnds(store, task, plan).catch(() => undefined))
  return next !== undefined && ends !== undefined && ends < next ? 'never' : next
}

interface Attempt {
  readonly taskId: string
  readonly attempt: number
  /** Of what is told of this attempt. Temporal counts anew when a back-off is cut short, or when it was lost. */
  readonly key: string
}

interface FailedAttempt extends Attempt, Pick<Step, 'ledger'> {
  /** The `seq` of its begin event; undefined when it did not come to its act. */
  readonly begunAt: number | undefined
  readonly next: NextTry
}

/** Of the dedupe keys of the phase's begin events, whichever attempt's. */
const beginOf = ({
  run,
  phase,
}: StepPlan<unknown>): { readonly prefix: string; readonly suffix: string } => ({
  prefix: `${String(run)}/${phase}/`,
  suffix: '/begin',
})

/** An attempt that was given up for lost may come to its end after all: then its word stands, and is said once. */
const endKey = ({ run, phase }: StepPlan<unknown>): string => `${String(run)}/${phase}/end`

/** The phase's begin event, whose `seq` it returns, and with it the ledger's line. Undefined when the phase has ended. */
async function begin(
  { store }: StepDeps,
  plan: StepPlan<unknown>,
  { task_id: taskId, wiki_id: wikiId }: TaskRow,
  attempt: Attempt,
): Promise<number | undefined> {
  return store.transaction(async (scope) => {
    const held = await scope.tasks.hold(taskId)
    if (await scope.tasks.hasEvent(taskId, endKey(plan))) return undefined
    await requireUnbarred(scope, taskId, plan.run)
    requireWanted(held, plan.run)
    const seq = await tellBegin(scope, plan, attempt)
    if (plan.ledger === undefined) return seq
    // From here on the act may have happened, whatever we hear of it.
    await scope.ledger.reach(taskId, plan.ledger.step, wikiId, plan.ledger.detail())
    return seq
  })
}

/** From the end of this phase on what the task made stays, whatever becomes of the task. */
function isPastNoReturn({ kind, engine }: TaskRow, phase: Phase, event: TaskEvent): boolean {
  const { at, of } = operationOf(kind, engine).pointOfNoReturn
  return (at === 'end' && of === phase) || hasSucceeded(event)
}

const hasSucceeded = (event: TaskEvent): boolean => event.type === 'status' && event.status === 'succeeded'

/** The row knows of a cancellation before Temporal can tell: nothing more is begun, and nothing declared done. */
function requireWanted({ run, cancel_requested: cancelled }: TaskRow, life: number): void {
  if (run === life && cancelled === 1) throw new Refusal('cancelled', sentences.cancelled)
}

async function tellBegin(
  scope: Scope,
  plan: StepPlan<unknown>,
  { taskId, attempt, key }: Attempt,
): Promise<number> {
  const { run, phase } = plan
  const dedupeKey = `${key}/begin`
  return scope.tasks.append({ taskId, run, dedupeKey, patch: { phase }, event: begun(plan, attempt) })
}

function begun({ from, message, phase }: StepPlan<unknown>, attempt: number): ProgressEvent {
  return {
    type: 'progress',
    status: 'running',
    progress: from,
    message: attempt === 1 ? message : `${message} (attempt ${String(attempt)})`,
    phase,
  }
}

/** The event that says what went wrong and when the next try is. A refusal has its say when the task is closed. */
async function tellFailedAttempt(
  { store, log }: StepDeps,
  plan: StepPlan<unknown>,
  { taskId, attempt, key, ledger, begunAt, next: nextTry }: FailedAttempt,
  error: unknown,
): Promise<void> {
  const { code, cause } = classify(error)
  const fields = { err: error, task_id: taskId, phase: plan.phase, attempt, code }
  if (code === 'fenced') {
    log.error(fields, 'a step of a life that is over was stopped')
    await store.alarms.raise(fencedAlarm(taskId, plan)).catch(() => undefined)
    return
  }
  log.warn(fields, 'a step failed')
  const next = nextTry === 'never' ? undefined : nextTry
  const event: TaskEvent = {
    type: 'progress',
    status: 'running',
    progress: plan.from,
    phase: plan.phase,
    message: next === undefined ? cause : `${cause} Trying again shortly.`,
    failed_attempt: {
      attempt,
      code,
      cause,
      ...(next !== undefined && { next_attempt_at: new Date(next).toISOString() }),
    },
  }
  const dedupeKey = `${key}/failed`
  try {
    await store.transaction(async (scope) => {
      await scope.tasks.append({ taskId, run: plan.run, event, dedupeKey })
      const before = ledger?.state
      if (begunAt === undefined || plan.ledger === undefined || !plan.ledger.leftNothing(error)) return
      // What other attempts may have left is not this one's to deny: neither an earlier one's nor a successor's, which
      // began while this one was given up for lost.
      if (before === 'reached' || before === 'made') return
      if (await scope.tasks.hasEventAfter(taskId, begunAt, beginOf(plan))) return
      await scope.ledger.settle(taskId, plan.ledger.step, 'void')
    })
  } catch (second) {
    // The store itself may be what failed; the retry will tell.
    log.warn({ ...fields, err: second }, 'a failed attempt could not be told')
  }
}

const fencedAlarm = (taskId: string, { run, phase }: StepPlan<unknown>): NewAlarm => ({
  ...{ code: 'task_fenced', subject: taskId },
  message: `Temporal ran ${phase} of task ${taskId} in its life ${String(run)}, which is over in the store. It was stopped, and wrote nothing.`,
  mend: 'Find out who ended that life, or set Temporal back; look at the site on the farm, then clear this with `wikistead alarms --clear ID`.',
})

function report(
  { onPhaseEnd }: StepDeps,
  phase: Phase,
  { kind, engine }: TaskRow,
  outcome: PhaseOutcome['outcome'],
  startedAt: number,
): void {
  onPhaseEnd?.({ kind, engine, phase, outcome, seconds: (performance.now() - startedAt) / 1000 })
}
