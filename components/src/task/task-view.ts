/** What a person sees of a task: made of its events alone, so that whoever reads them again sees the same. */
import type { Phase, ProgressEvent, StatusEvent, Task, TaskEvent, TaskStatus } from '@wikistead/contracts'
import { placeOfPhase } from './task-plan.ts'

/** `undone`: it had happened, and was taken back. */
export type PhaseState = 'waiting' | 'running' | 'done' | 'failed' | 'undone'

export interface PhaseView {
  readonly phase: Phase
  readonly state: PhaseState
  /** The last thing said of it. */
  readonly message: string
}

/** An attempt that failed, however it went on. */
export interface FailedAttempt extends NonNullable<ProgressEvent['failed_attempt']> {
  readonly phase: Phase | undefined
}

export interface OutputLine {
  readonly id: number
  readonly phase: Phase
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
}

export interface TaskView {
  readonly status: TaskStatus
  /** Percent. */
  readonly progress: number
  readonly message: string
  readonly phases: readonly PhaseView[]
  readonly output: readonly OutputLine[]
  /** While it waits for its turn: how many are served before it and itself, and about when its turn comes. */
  readonly place: number | undefined
  readonly expectedAt: string | undefined
  /** The last attempt that failed, while nothing came after it. */
  readonly failedAttempt: NonNullable<ProgressEvent['failed_attempt']> | undefined
  /** All that failed, of earlier lives too, in order. */
  readonly failedAttempts: readonly FailedAttempt[]
  readonly undoing: boolean
  /** What the rollback said of itself, in order. */
  readonly undone: readonly string[]
  /** Set once the wiki can be used, also while the task goes on. */
  readonly usableWikiId: number | undefined
  readonly wikiId: number | undefined
  readonly code: string | undefined
  readonly warning: string | undefined
  readonly supportUrl: string | undefined
  /** From 1; a retry is a new life. */
  readonly run: number
  readonly lastEventId: number
}

export function newTaskView(plan: readonly Phase[]): TaskView {
  return {
    status: 'queued',
    progress: 0,
    message: '',
    phases: plan.map((phase) => ({ phase, state: 'waiting', message: '' })),
    output: [],
    place: undefined,
    expectedAt: undefined,
    failedAttempt: undefined,
    failedAttempts: [],
    undoing: false,
    undone: [],
    usableWikiId: undefined,
    wikiId: undefined,
    code: undefined,
    warning: undefined,
    supportUrl: undefined,
    run: 1,
    lastEventId: 0,
  }
}

/** More than anybody reads; older lines are in the log. */
const keptLines = 2_000
const keptAttempts = 200

export function nextTaskView(
  view: TaskView,
  plan: readonly Phase[],
  { id, event }: { readonly id: number; readonly event: TaskEvent },
): TaskView {
  const next = { ...view, lastEventId: id }
  switch (event.type) {
    case 'reset':
      return {
        ...newTaskView(plan),
        ...{ message: event.message, run: event.run, lastEventId: id, failedAttempts: view.failedAttempts },
      }
    case 'log': {
      const { phase, stream, line } = event
      return { ...next, output: [...view.output, { id, phase, stream, line }].slice(-keptLines) }
    }
    case 'status':
      return {
        ...next,
        status: event.status,
        message: event.message ?? view.message,
        progress: event.status === 'succeeded' ? 100 : view.progress,
        phases: ended(view, event),
        place: undefined,
        expectedAt: undefined,
        failedAttempt: undefined,
        undoing: false,
        usableWikiId: event.status === 'succeeded' ? (event.wiki_id ?? view.usableWikiId) : undefined,
        wikiId: event.wiki_id ?? view.wikiId,
        code: event.code,
        warning: event.warning,
        supportUrl: event.support_url,
      }
    case 'progress':
      return progressed(next, event)
  }
}

function progressed(view: TaskView, event: ProgressEvent): TaskView {
  const { phase, message } = event
  const undoing = view.undoing || phase === 'rollback'
  return {
    ...view,
    status: event.status,
    progress: Math.max(view.progress, event.progress),
    message,
    place: event.place,
    expectedAt: event.expected_at,
    failedAttempt: event.failed_attempt,
    failedAttempts:
      event.failed_attempt === undefined
        ? view.failedAttempts
        : [...view.failedAttempts, { ...event.failed_attempt, phase }].slice(-keptAttempts),
    undoing,
    undone:
      phase === 'rollback' && event.failed_attempt === undefined ? [...view.undone, message] : view.undone,
    usableWikiId: undoing ? undefined : (event.wiki_id ?? view.usableWikiId),
    wikiId: event.wiki_id ?? view.wikiId,
    phases: phase === undefined ? view.phases : reached(view.phases, phase, event),
  }
}

/** A phase that is under way has behind it all that stand before it. */
function reached(phases: readonly PhaseView[], phase: Phase, event: ProgressEvent): readonly PhaseView[] {
  if (phase === 'rollback') return phases.map(takenBack)
  const { message, failed_attempt: failed } = event
  const at = placeOfPhase[phase]
  const known = phases.some((one) => one.phase === phase)
  const withIt = known
    ? phases
    : [...phases, { phase, state: 'waiting' as const, message: '' }].sort(
        (one, other) => placeOfPhase[one.phase] - placeOfPhase[other.phase],
      )
  return withIt.map((one) => {
    if (one.phase === phase) return { phase, message, state: failed === undefined ? 'running' : 'failed' }
    if (placeOfPhase[one.phase] < at && one.state !== 'waiting') return { ...one, state: 'done' }
    return one
  })
}

function takenBack(one: PhaseView): PhaseView {
  if (one.state === 'running') return { ...one, state: 'failed' }
  return one.state === 'done' ? { ...one, state: 'undone' } : one
}

function ended({ phases }: TaskView, { status, code, warning }: StatusEvent): readonly PhaseView[] {
  if (status === 'failed') {
    const state = code === 'cancelled' ? 'undone' : 'failed'
    return phases.map((one) => (one.state === 'running' || one.state === 'failed' ? { ...one, state } : one))
  }
  return phases.map((one) => {
    // A warning is a last phase that failed and took nothing with it.
    if (warning !== undefined && one.state === 'failed') return one
    return { ...one, state: 'done' }
  })
}

/** What is known without the events: the polling twin. */
export function viewOfTask(view: TaskView, task: Task): TaskView {
  // Events tell more; a snapshot counts only where it is further.
  if (task.last_event_id <= view.lastEventId && task.run === view.run) return view
  const ended = task.ended_at !== null
  return {
    ...view,
    status: task.status,
    progress: task.progress,
    message: task.message,
    phases: view.phases.map((one) =>
      task.status === 'succeeded'
        ? { ...one, state: 'done' }
        : one.phase === task.phase
          ? { ...one, state: ended ? 'failed' : 'running' }
          : one,
    ),
    place: task.place,
    expectedAt: task.expected_at,
    failedAttempt: undefined,
    wikiId: task.wiki_id ?? view.wikiId,
    usableWikiId: task.status === 'succeeded' ? (task.wiki_id ?? undefined) : view.usableWikiId,
    code: task.code ?? undefined,
    warning: task.warning ?? undefined,
    supportUrl: task.support_url ?? undefined,
    run: task.run,
  }
}

export const hasEnded = ({ status }: Pick<TaskView, 'status'>): boolean =>
  status === 'succeeded' || status === 'failed'
