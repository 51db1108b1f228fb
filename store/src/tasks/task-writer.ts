import {
  Refusal,
  openTaskStatuses,
  type Engine,
  type Line,
  type Phase,
  type ProgressEvent,
  type StatusEvent,
  type TaskEvent,
  type TaskKind,
} from '@wikistead/contracts'
import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import type { Kysely } from 'kysely'
import type { StoreEngine } from '../database/store-engine.ts'
import type { StoreClock } from '../database/store-clock.ts'
import { TaskReader } from './task-reader.ts'
import type { Tables, TaskRow } from '../database/tables.ts'

export interface NewTask {
  readonly taskId: string
  readonly kind: TaskKind
  readonly engine: Engine
  readonly wikiId: number | null
  readonly userId: number
  readonly workflowType: string
  readonly input: unknown
  readonly supportUrl?: string | null
  readonly message: string
  /** Left out for what never waits. */
  readonly turn?: Turn | undefined
}

/** A task's standing in its line. */
export interface Turn extends Line {
  readonly turn: number
  /** What whoever waits is told; undefined when it has its place at once. */
  readonly waits: Waiting | undefined
}

/** How far somebody is from their turn, as an event tells it. */
export type Waiting = Required<Pick<ProgressEvent, 'place'>> & Pick<ProgressEvent, 'expected_at'>

export interface TaskPatch {
  readonly phase?: Phase
  readonly wikiId?: number
}

export interface Append {
  readonly taskId: string
  /** The life that the writer believes the task to be in. */
  readonly run: number
  readonly event: TaskEvent
  /** The same key is written once, however often the writer comes back. */
  readonly dedupeKey?: string
  readonly patch?: TaskPatch
}

export interface AppendLogs extends Pick<Append, 'taskId' | 'run'> {
  /** Not empty; no more than the engine takes values in one statement. */
  readonly events: readonly {
    readonly event: Extract<TaskEvent, { readonly type: 'log' }>
    readonly dedupeKey: string
  }[]
}

/**
 * Writing tasks, only inside a transaction: an event and the row it tells of commit together. Every
 * write names the task's life (`run`); one from a life that is over is refused as `fenced`.
 */
export class TaskWriter extends TaskReader {
  readonly #touched: Touched

  constructor(db: Kysely<Tables>, engine: StoreEngine, clock: StoreClock, touched: Touched) {
    super(db, engine, clock)
    this.#touched = touched
  }

  /** The row, `queued`, and its first event. */
  async insert(task: NewTask): Promise<TaskRow> {
    const now = this.now()
    await this.db
      .insertInto('wikifarm_tasks')
      .values({
        task_id: task.taskId,
        kind: task.kind,
        engine: task.engine,
        wiki_id: task.wikiId,
        user_id: task.userId,
        status: 'queued',
        phase: null,
        progress: 0,
        message: task.message,
        code: null,
        warning: null,
        support_url: task.supportUrl ?? null,
        workflow_type: task.workflowType,
        input: JSON.stringify(task.input),
        run: 1,
        last_seq: 0,
        cancel_requested: 0,
        created_at: now,
        updated_at: now,
        ended_at: null,
        ...columnsOfTurn(task.turn, now),
      })
      .execute()
    const event: TaskEvent = {
      ...{ type: 'progress', status: 'queued', progress: 0, message: task.message },
      ...task.turn?.waits,
    }
    await this.append({ taskId: task.taskId, run: 1, event, dedupeKey: '1/queued' })
    return this.get(task.taskId)
  }

  /** Appends the event and updates the row to match. Returns its `seq`, or the earlier one's. */
  async append({ taskId, run, event, dedupeKey, patch = {} }: Append): Promise<number> {
    const row = await this.hold(taskId)
    if (dedupeKey !== undefined) {
      const earlier = await this.db
        .selectFrom('wikifarm_task_events')
        .select('seq')
        .where('task_id', '=', taskId)
        .where('dedupe_key', '=', dedupeKey)
        .executeTakeFirst()
      if (earlier !== undefined) return earlier.seq
    }
    requireLife(row, run)
    return this.#write(row, event, dedupeKey, patch)
  }

  /** Output of a command: many events at once, in their order, those left out that are there already. */
  async appendLogs({ taskId, run, events }: AppendLogs): Promise<void> {
    const row = await this.hold(taskId)
    requireLife(row, run)
    const keys = events.map(({ dedupeKey }) => dedupeKey)
    const earlier = await this.db
      .selectFrom('wikifarm_task_events')
      .select('dedupe_key')
      .where('task_id', '=', taskId)
      .where('dedupe_key', 'in', keys)
      .execute()
    const known = new Set(earlier.map(({ dedupe_key: key }) => key))
    const now = this.now()
    const values = events
      .filter(({ dedupeKey }) => !known.has(dedupeKey))
      .map(({ event, dedupeKey }, place) => ({
        ...{ task_id: taskId, seq: row.last_seq + 1 + place, type: event.type, dedupe_key: dedupeKey },
        ...{ json: JSON.stringify(hideSecretsIn(event)), created_at: now },
      }))
    if (values.length === 0) return
    await this.db
      .updateTable('wikifarm_tasks')
      .set({ last_seq: row.last_seq + values.length, updated_at: now })
      .where('task_id', '=', taskId)
      .execute()
    await this.db.insertInto('wikifarm_task_events').values(values).execute()
    this.#touched.tasks.add(taskId)
  }

  /**
   * A failed task begins a new life: run + 1, a `reset` event, `queued`. So does one that succeeded with a warning, when
   * it gets an input that says what is still to be done.
   */
  async revive(taskId: string, message: string, input?: unknown, turn?: Turn): Promise<TaskRow> {
    const row = await this.hold(taskId)
    const isUnfinished = row.status === 'succeeded' && row.warning !== null && input !== undefined
    if (row.status !== 'failed' && !isUnfinished)
      throw new Refusal('not_retryable', 'Only a failed task can be tried again.')
    await this.db
      .updateTable('wikifarm_tasks')
      .set({
        run: row.run + 1,
        ...(input !== undefined && { input: JSON.stringify(input) }),
        status: 'queued',
        code: null,
        warning: null,
        cancel_requested: 0,
        ended_at: null,
        ...columnsOfTurn(turn, this.now()),
      })
      .where('task_id', '=', taskId)
      .execute()
    const next = { ...row, run: row.run + 1 }
    await this.#write(next, { type: 'reset', run: next.run, message }, `${String(next.run)}/reset`, {})
    await this.#write(
      { ...next, last_seq: row.last_seq + 1 },
      { type: 'progress', status: 'queued', progress: 0, message, ...turn?.waits },
      `${String(next.run)}/queued`,
      {},
    )
    return this.get(taskId)
  }

  /** A rollback that was left incomplete is done at last: the task stays failed, and may be tried again. */
  async settleRollback(taskId: string, event: StatusEvent): Promise<void> {
    const row = await this.hold(taskId)
    if (row.code !== 'rollback_incomplete') return
    await this.#write(row, event, `${String(row.run)}/undone`, {})
  }

  async requestCancel(taskId: string): Promise<TaskRow> {
    const row = await this.hold(taskId)
    if (!openTaskStatuses.some((status) => status === row.status)) {
      throw new Refusal('not_cancellable', 'The task has ended already.')
    }
    await this.db
      .updateTable('wikifarm_tasks')
      .set({ cancel_requested: 1 })
      .where('task_id', '=', taskId)
      .execute()
    return row
  }

  /**
   * Gives a task that waits its place: from here on its workflow may be started. Undefined when it waits no longer.
   */
  async dispatch(taskId: string): Promise<TaskRow | undefined> {
    const now = this.now()
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_tasks')
      .set({ dispatched_at: now, updated_at: now })
      .where('task_id', '=', taskId)
      .where('status', '=', 'queued')
      .where('lane', 'is not', null)
      .where('dispatched_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n ? this.get(taskId) : undefined
  }

  /** Tells whoever waits how far they are. Nothing when the task waits no longer, or in another life. */
  async tellPlace(taskId: string, run: number, waits: Waiting): Promise<void> {
    const row = await this.hold(taskId)
    if (row.run !== run || row.status !== 'queued' || row.dispatched_at !== null) return
    await this.db
      .updateTable('wikifarm_tasks')
      .set({ told_place: waits.place })
      .where('task_id', '=', taskId)
      .execute()
    const event: TaskEvent = {
      ...{ type: 'progress', status: 'queued', progress: row.progress, message: row.message },
      ...waits,
    }
    await this.#write(row, event, undefined, {})
  }

  /** Marks the row as looked at, so that a sweep over the oldest comes round to all. */
  async touch(taskId: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_tasks')
      .set({ updated_at: this.now() })
      .where('task_id', '=', taskId)
      .execute()
  }

  async rememberIdempotencyKey(
    userId: number,
    key: string,
    requestHash: string,
    taskId: string,
  ): Promise<void> {
    await this.db
      .insertInto('wikifarm_idempotency')
      .values({
        user_id: userId,
        idempotency_key: key,
        request_hash: requestHash,
        task_id: taskId,
        created_at: this.now(),
      })
      .execute()
  }

  /** Forgets idempotency keys of tasks that have ended, or are forgotten themselves. Returns how many. */
  async pruneIdempotencyKeys(rememberedBefore: number, limit = 200): Promise<number> {
    const old = await this.db
      .selectFrom('wikifarm_idempotency as key')
      .leftJoin('wikifarm_tasks as task', 'task.task_id', 'key.task_id')
      .select(['key.user_id', 'key.idempotency_key'])
      .where('key.created_at', '<', rememberedBefore)
      .where((where) =>
        where.or([where('task.task_id', 'is', null), where('task.status', 'not in', openTaskStatuses)]),
      )
      .limit(limit)
      .execute()
    if (old.length === 0) return 0
    await this.db
      .deleteFrom('wikifarm_idempotency')
      .where((where) => where.or(old.map((key) => where.and({ ...key }))))
      .execute()
    return old.length
  }

  /** Forgets ended tasks of a kind that nobody needs any more. Returns how many. */
  async prune(kind: TaskKind, endedBefore: number, limit = 200): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select('task_id')
      .where('kind', '=', kind)
      .where('ended_at', '<', endedBefore)
      .limit(limit)
      .execute()
    const ids = rows.map((row) => row.task_id)
    if (ids.length === 0) return 0
    await this.db.deleteFrom('wikifarm_task_events').where('task_id', 'in', ids).execute()
    await this.db.deleteFrom('wikifarm_ledger').where('task_id', 'in', ids).execute()
    await this.db.deleteFrom('wikifarm_tasks').where('task_id', 'in', ids).execute()
    return ids.length
  }

  /** The task's row, held until the transaction ends. @throws Refusal `task_not_found` */
  async hold(taskId: string): Promise<TaskRow> {
    const query = this.db.selectFrom('wikifarm_tasks').selectAll().where('task_id', '=', taskId)
    const row = await this.locked(query).executeTakeFirst()
    if (row === undefined) throw new Refusal('task_not_found', `There is no task ${taskId}.`)
    return row
  }

  async #write(
    row: TaskRow,
    told: TaskEvent,
    dedupeKey: string | undefined,
    patch: TaskPatch,
  ): Promise<number> {
    const now = this.now()
    const event = neverBackwards(hideSecretsIn(told), row)
    const seq = row.last_seq + 1
    const leaves = row.lane !== null && row.left_at === null && leavesItsPlace(event)
    await this.db
      .updateTable('wikifarm_tasks')
      .set({
        ...{ last_seq: seq, updated_at: now },
        ...columnsOf(event, now),
        ...columnsOfPatch(hideSecretsIn(patch)),
        ...(leaves && { left_at: now }),
      })
      .where('task_id', '=', row.task_id)
      .execute()
    await this.db
      .insertInto('wikifarm_task_events')
      .values({
        task_id: row.task_id,
        seq,
        type: event.type,
        dedupe_key: dedupeKey ?? null,
        json: JSON.stringify(event),
        created_at: now,
      })
      .execute()
    this.#touched.tasks.add(row.task_id)
    if (leaves && row.lane !== null) this.#touched.lines.push({ lane: row.lane, host: row.host ?? '' })
    return seq
  }
}

/** What a transaction wrote to: others hear of it once it is committed. */
export interface Touched {
  readonly tasks: Set<string>
  /** In which a task has left its place, or need wait no longer. */
  readonly lines: Line[]
}

/** The next may begin: what follows keeps nothing from them, or may take long for reasons of its own. */
function leavesItsPlace(event: TaskEvent): boolean {
  if (event.type === 'status') return true
  return event.type === 'progress' && (event.wiki_id !== undefined || event.phase === 'rollback')
}

function columnsOfTurn(turn: Turn | undefined, now: number): Pick<TaskRow, TurnColumns> {
  return {
    lane: turn?.lane ?? null,
    host: turn?.host ?? null,
    turn: turn?.turn ?? null,
    told_place: turn?.waits?.place ?? null,
    dispatched_at: turn === undefined || turn.waits !== undefined ? null : now,
    left_at: null,
  }
}

type TurnColumns = 'lane' | 'host' | 'turn' | 'told_place' | 'dispatched_at' | 'left_at'

function requireLife({ task_id: taskId, run: current, status }: TaskRow, run: number): void {
  if (current === run && openTaskStatuses.some((open) => open === status)) return
  throw new Refusal('fenced', `Life ${String(run)} of task ${taskId} is over.`, {
    task_id: taskId,
    run,
    current_run: current,
    status,
  })
}

/** Phases that run side by side end in any order; a bar that goes back would tell of a loss that there was not. */
function neverBackwards(event: TaskEvent, { progress }: TaskRow): TaskEvent {
  if (event.type !== 'progress' || event.status !== 'running' || event.progress >= progress) return event
  return { ...event, progress }
}

/** What an event says about its task's row. */
function columnsOf(event: TaskEvent, now: number): Partial<TaskRow> {
  switch (event.type) {
    case 'progress':
      return {
        status: event.status,
        progress: event.progress,
        message: event.message,
        ...(event.phase !== undefined && { phase: event.phase }),
      }
    case 'status':
      return {
        status: event.status,
        ended_at: now,
        code: event.code ?? null,
        warning: event.warning ?? null,
        ...(event.message !== undefined && { message: event.message }),
        ...(event.status === 'succeeded' && { progress: 100 }),
      }
    case 'reset':
      return { progress: 0, message: event.message, phase: null }
    case 'log':
      return {}
  }
}

function columnsOfPatch({ phase, wikiId }: TaskPatch): Partial<TaskRow> {
  return { ...(phase !== undefined && { phase }), ...(wikiId !== undefined && { wiki_id: wikiId }) }
}
