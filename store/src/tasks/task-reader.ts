import { Refusal, openTaskStatuses, type TaskKind, type TaskStatus } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { TaskRow } from '../database/tables.ts'

/** An event as it was committed: `json` goes out byte for byte. */
export interface StoredEvent {
  readonly seq: number
  readonly type: string
  readonly json: string
}

export interface TaskFilter {
  readonly limit: number
  /** Only tasks made before this one (newest first). */
  readonly before?: { readonly createdAt: number; readonly taskId: string }
  readonly userId?: number
  readonly wikiId?: number
  readonly status?: TaskStatus
  readonly kind?: TaskKind
  /** Only tasks made from then on, in milliseconds. */
  readonly since?: number
}

/** Reading tasks and their events. */
export class TaskReader extends Repository {
  async find(taskId: string): Promise<TaskRow | undefined> {
    return this.db.selectFrom('wikifarm_tasks').selectAll().where('task_id', '=', taskId).executeTakeFirst()
  }

  /** @throws Refusal `task_not_found` */
  async get(taskId: string): Promise<TaskRow> {
    const row = await this.find(taskId)
    if (row === undefined) throw new Refusal('task_not_found', `There is no task ${taskId}.`)
    return row
  }

  async list({ limit, before, userId, wikiId, status, kind, since }: TaskFilter): Promise<TaskRow[]> {
    let query = this.db.selectFrom('wikifarm_tasks').selectAll()
    if (userId !== undefined) query = query.where('user_id', '=', userId)
    if (wikiId !== undefined) query = query.where('wiki_id', '=', wikiId)
    if (status !== undefined) query = query.where('status', '=', status)
    if (kind !== undefined) query = query.where('kind', '=', kind)
    if (since !== undefined) query = query.where('created_at', '>=', since)
    if (before !== undefined) {
      // The first says it again, for the sake of the index.
      query = query
        .where('created_at', '<=', before.createdAt)
        .where((where) =>
          where.or([
            where('created_at', '<', before.createdAt),
            where.and([where('created_at', '=', before.createdAt), where('task_id', '<', before.taskId)]),
          ]),
        )
    }
    return query.orderBy('created_at', 'desc').orderBy('task_id', 'desc').limit(limit).execute()
  }

  /** Events with `seq` above the cursor, in order. */
  async eventsAfter(taskId: string, seq: number, limit = 200): Promise<StoredEvent[]> {
    return this.db
      .selectFrom('wikifarm_task_events')
      .select(['seq', 'type', 'json'])
      .where('task_id', '=', taskId)
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute()
  }

  /** What happened, and when, without what commands printed; the first of it, in order. */
  async happened(taskId: string, limit = 1_000): Promise<{ readonly json: string; readonly at: number }[]> {
    return this.db
      .selectFrom('wikifarm_task_events')
      .select(['json', 'created_at as at'])
      .where('task_id', '=', taskId)
      .where('type', '<>', 'log')
      .orderBy('seq')
      .limit(limit)
      .execute()
  }

  /** Whether the event of that dedupe key is in the store. */
  async hasEvent(taskId: string, dedupeKey: string): Promise<boolean> {
    const row = await this.db
      .selectFrom('wikifarm_task_events')
      .select('seq')
      .where('task_id', '=', taskId)
      .where('dedupe_key', '=', dedupeKey)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Whether there is an event after `seq` whose dedupe key begins and ends so. */
  async hasEventAfter(
    taskId: string,
    seq: number,
    { prefix, suffix }: { readonly prefix: string; readonly suffix: string },
  ): Promise<boolean> {
    const rows = await this.db
      .selectFrom('wikifarm_task_events')
      .select('dedupe_key as key')
      .where('task_id', '=', taskId)
      .where('seq', '>', seq)
      .execute()
    return rows.some(({ key }) => key?.startsWith(prefix) === true && key.endsWith(suffix))
  }

  /** When the first event with such a dedupe key was told, in milliseconds; `prefix` ends with a slash. */
  async firstEventAt(taskId: string, prefix: string): Promise<number | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_task_events')
      .select((select) => select.fn.min('created_at').as('at'))
      .where('task_id', '=', taskId)
      .where('dedupe_key', '>=', prefix)
      // The character after the slash.
      .where('dedupe_key', '<', `${prefix.slice(0, -1)}0`)
      .executeTakeFirst()
    return row?.at == null ? undefined : Number(row.at)
  }

  async lastSeqs(taskIds: readonly string[]): Promise<Map<string, number>> {
    if (taskIds.length === 0) return new Map()
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select(['task_id', 'last_seq'])
      .where('task_id', 'in', [...taskIds])
      .execute()
    return new Map(rows.map((row) => [row.task_id, row.last_seq]))
  }

  /** Whose they are. */
  async ownersOf(taskIds: readonly string[]): Promise<Map<string, number>> {
    if (taskIds.length === 0) return new Map()
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select(['task_id', 'user_id'])
      .where('task_id', 'in', [...taskIds])
      .execute()
    return new Map(rows.map((row) => [row.task_id, row.user_id]))
  }

  /** Open tasks that have had their turn, and that nobody has written to since `before` (milliseconds). */
  async openUntouchedSince(before: number, limit = 500): Promise<TaskRow[]> {
    return this.db
      .selectFrom('wikifarm_tasks')
      .selectAll()
      .where('status', 'in', openTaskStatuses)
      .where('updated_at', '<', before)
      .where((where) => where.or([where('lane', 'is', null), where('dispatched_at', 'is not', null)]))
      .orderBy('updated_at')
      .limit(limit)
      .execute()
  }

  /** Ids of open tasks, in their order, after that one. */
  async openAfter(taskId: string, limit: number): Promise<string[]> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select('task_id')
      .where('status', 'in', openTaskStatuses)
      .where('task_id', '>', taskId)
      .orderBy('task_id')
      .limit(limit)
      .execute()
    return rows.map((row) => row.task_id)
  }

  /**
   * Tasks whose rollback left something behind and whose turn has come, the longest untried first. A rollback that was
   * in vain rests as long again as it has been tried in vain so far: `restMs` at least, ten minutes at most.
   */
  async rollbackIncomplete(now: number, restMs: number, limit = 50): Promise<TaskRow[]> {
    return this.db
      .selectFrom('wikifarm_tasks as t')
      .leftJoin('wikifarm_ledger as tries', (join) =>
        join.onRef('tries.task_id', '=', 't.task_id').on('tries.step', '=', rollbackTries),
      )
      .selectAll('t')
      .where('t.code', '=', 'rollback_incomplete')
      .where('t.updated_at', '<', now - restMs)
      .where((where) =>
        where.or([
          where('tries.updated_at', 'is', null),
          where('tries.updated_at', '<=', now - Math.max(restMs, longestRestMs)),
          where.and([
            where('tries.updated_at', '<=', now - restMs),
            where(
              where(where.val(2), '*', where.ref('tries.updated_at')),
              '<=',
              where(where.ref('tries.created_at'), '+', now),
            ),
          ]),
        ]),
      )
      .orderBy(({ fn }) => fn.coalesce('tries.updated_at', 't.updated_at'))
      .limit(limit)
      .execute()
  }

  async latestOfKind(kind: TaskKind): Promise<TaskRow | undefined> {
    return (await this.list({ kind, limit: 1 }))[0]
  }

  async openOfKind(kind: TaskKind): Promise<TaskRow[]> {
    return this.db
      .selectFrom('wikifarm_tasks')
      .selectAll()
      .where('kind', '=', kind)
      .where('status', 'in', openTaskStatuses)
      .execute()
  }

  /** Open tasks on wikis of this host. */
  async openOnHost(host: string, limit = 500): Promise<TaskRow[]> {
    return this.db
      .selectFrom('wikifarm_tasks as task')
      .innerJoin('wikifarm_wikis as wiki', 'wiki.wiki_id', 'task.wiki_id')
      .selectAll('task')
      .where('task.status', 'in', openTaskStatuses)
      .where('wiki.host', '=', host)
      .orderBy('task.updated_at')
      .limit(limit)
      .execute()
  }

  async countOpen(): Promise<number> {
    const row = await this.db
      .selectFrom('wikifarm_tasks')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('status', 'in', openTaskStatuses)
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  /** The task that an earlier request with this `Idempotency-Key` started. */
  async byIdempotencyKey(
    userId: number,
    key: string,
  ): Promise<{ readonly taskId: string; readonly requestHash: string } | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_idempotency')
      .select(['task_id', 'request_hash'])
      .where('user_id', '=', userId)
      .where('idempotency_key', '=', key)
      .executeTakeFirst()
    return row && { taskId: row.task_id, requestHash: row.request_hash }
  }
}

/** The ledger's line that tells when a rollback was first tried again, and when last. */
export const rollbackTries = 'finish_rollback'

const longestRestMs = 600_000
