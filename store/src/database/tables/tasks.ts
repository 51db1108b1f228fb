/** Tasks, what they told, and what they may have left behind. */
import type { Selectable } from 'kysely'
import type { Engine, Lane, Phase, RefusalCode, TaskKind, TaskStatus } from '@wikistead/contracts'

export interface TasksTable {
  task_id: string
  kind: TaskKind
  engine: Engine
  wiki_id: number | null
  user_id: number
  status: TaskStatus
  phase: Phase | null
  progress: number
  message: string
  code: RefusalCode | null
  warning: string | null
  support_url: string | null
  workflow_type: string
  /** The workflow's input, JSON. */
  input: string
  /** The life this task is in; every write of an activity names it. */
  run: number
  last_seq: number
  cancel_requested: number
  created_at: number
  updated_at: number
  ended_at: number | null
  /** Where it waits for its turn; null for what never waits, and for what an earlier release let in. */
  lane: Lane | null
  /** The host whose lane that is; '' for the FedWiki farm's. */
  host: string | null
  /** The round in which it is its owner's turn. */
  turn: number | null
  /** The place in the queue that was told last; null when it never waited. */
  told_place: number | null
  /** When it was given a place, from which on its workflow may be started; null while it waits. */
  dispatched_at: number | null
  /** When it left its place to the next: at its end, once its wiki can be used, or when it begins to be undone. */
  left_at: number | null
}

export interface TaskEventsTable {
  task_id: string
  /** Per task, from 1, without gaps: the SSE id. */
  seq: number
  type: string
  dedupe_key: string | null
  json: string
  created_at: number
}

export interface LedgerTable {
  task_id: string
  /** What would have to be undone, e.g. `create_site`. */
  step: string
  wiki_id: number | null
  state: LedgerState
  /** JSON */
  detail: string
  created_at: number
  updated_at: number
}

/**
 * `reached`: may exist; `made`: exists; `undone`: taken back; `void`: never came to be; `sealed`: past the point of no
 * return, nothing takes it back any more.
 */
export type LedgerState = 'reached' | 'made' | 'undone' | 'void' | 'sealed'

export interface IdempotencyTable {
  user_id: number
  idempotency_key: string
  request_hash: string
  task_id: string
  created_at: number
}

export type TaskRow = Selectable<TasksTable>

export type LedgerRow = Selectable<LedgerTable>
