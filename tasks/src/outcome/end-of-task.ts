/**
 * How a task ends that did not come to its own end, decided from what the store holds of it. The ledger has the say: what
 * is sealed stays, what is open is still to be taken back and keeps the name, and of nothing there is nothing to undo.
 */
import {
  mediaWikiSentences,
  operationOf,
  sentences,
  type RefusalCode,
  type StatusEvent,
} from '@wikistead/contracts'
import type { LedgerRow, NewAlarm, TaskRow, WikiChange, WikiRow } from '@wikistead/store'
import { alarmsOf, indexFailed } from './outcome-alarms.ts'
import { purgeRestMs } from './purge-rest.ts'

/** What ended the task. */
export interface Outcome {
  readonly code: RefusalCode
  /** The sentence for the user. */
  readonly message: string
}

/** What undoing a task found of its wiki: as it was before the task, or gone for good. */
export type Found = 'as_before' | 'gone'

/** `kept`: past its point of no return; `part`: something is still to be taken back; `nothing_left`: nothing is. */
export type Closed = 'kept' | 'part' | 'nothing_left'

export interface TaskAtItsEnd {
  readonly task: TaskRow
  /** The task's wiki, as long as it is the task's. */
  readonly wiki: WikiRow | undefined
  readonly isPastNoReturn: boolean
  /** What is still to be taken back. */
  readonly open: readonly LedgerRow[]
  readonly found: Found
  /** Purges of this wiki that failed since it was last deleted. */
  readonly failedPurges: number
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface EndOfTask {
  readonly closed: Closed
  readonly event: StatusEvent
  /** Undefined: the wiki stays the task's, and its name claimed. */
  readonly wiki:
    | { readonly released: 'failed' | 'deleted' }
    | { readonly letGo: true; readonly change?: WikiChange }
    | undefined
  readonly alarms: readonly NewAlarm[]
}

export function endOfTask(at: TaskAtItsEnd, outcome: Outcome): EndOfTask {
  if (at.isPastNoReturn) return kept(at, outcome)
  return at.open.length > 0 ? unfinished(at, outcome) : undone(at, outcome)
}

/** What people use stays. What was left to do is missing, and can be asked for again. */
function kept({ task, wiki }: TaskAtItsEnd, { code, message }: Outcome): EndOfTask {
  const warning = code === 'cancelled' ? mediaWikiSentences.index_cancelled : mediaWikiSentences.index_failed
  const made = wiki !== undefined && task.engine === 'mediawiki' && task.kind === 'create_wiki'
  const lacksIndex = made && code !== 'cancelled'
  return {
    closed: 'kept',
    event: {
      type: 'status',
      status: 'succeeded',
      ...ofWiki(task),
      message: 'The wiki can be used.',
      warning,
    },
    wiki: { letGo: true },
    alarms: lacksIndex ? [indexFailed(task, wiki.address, message)] : [],
  }
}

function unfinished({ task, open }: TaskAtItsEnd, { code: cause }: Outcome): EndOfTask {
  const { task_id: taskId } = task
  const left = open.map(({ step, detail }) => `${step} ${detail}`).join('; ')
  return {
    closed: 'part',
    event: failed(task, { code: 'rollback_incomplete', message: sentences.rollback_incomplete }),
    wiki: undefined,
    alarms: [
      {
        ...{ code: 'rollback_incomplete', subject: taskId },
        message: `Task ${taskId} failed (${cause}) and could not be undone: ${left}.`,
        mend: 'Bring back what is away; the rollback is tried again every minute, then ever more seldom, and clears this.',
      },
    ],
  }
}

function undone(at: TaskAtItsEnd, outcome: Outcome): EndOfTask {
  const { task, wiki, found } = at
  const isUntrue = found === 'gone' && promisesNothingChanged.has(outcome.code)
  return {
    closed: 'nothing_left',
    event: failed(task, isUntrue ? { ...outcome, message: sentences.gone } : outcome),
    wiki: wiki && wikiAfter(at, wiki),
    alarms: alarmsOf(at, outcome),
  }
}

/** Our row as it was before the task. */
function wikiAfter({ task, found, failedPurges, now }: TaskAtItsEnd, wiki: WikiRow): EndOfTask['wiki'] {
  if (found === 'gone' && task.kind !== 'create_wiki') return { released: 'deleted' }
  const { failed: after } = operationOf(task.kind, task.engine)
  if (after === 'failed') return { released: 'failed' }
  const { purge_after: until } = wiki
  if (after !== 'as_before') return { letGo: true, ...(after !== undefined && { change: { status: after } }) }
  if (until === null) return { letGo: true, change: { status: 'active' } }
  // The sweeper begins a new task for each removal: one that failed is left alone for a while, ever longer.
  const purgeAfter = Math.max(until, now + purgeRestMs(failedPurges + 1))
  return { letGo: true, change: { status: 'archived', purge_after: purgeAfter } }
}

const failed = (task: TaskRow, { code, message }: Outcome): StatusEvent => ({
  ...{ type: 'status', status: 'failed', code, message },
  ...ofWiki(task),
  ...(task.support_url !== null && { support_url: task.support_url }),
})

const ofWiki = ({ wiki_id: wikiId }: TaskRow): { readonly wiki_id?: number } =>
  wikiId === null ? {} : { wiki_id: wikiId }

/** What was removed for good stays so; then these codes' sentences would be untrue. */
const promisesNothingChanged: ReadonlySet<RefusalCode> = new Set([
  'cancelled',
  'command_failed',
  'engine_unavailable',
  'farm_unavailable',
  'fault',
  'host_away',
  'store_unavailable',
  'terminated',
])
