import { openTaskStatuses, type Lane, type Line } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { TaskRow } from '../database/tables.ts'

/** An open task in its line: it waits, or holds a place. */
export type LineRow = Pick<
  TaskRow,
  'task_id' | 'user_id' | 'run' | 'status' | 'turn' | 'told_place' | 'created_at' | 'dispatched_at'
>

/** Who waits for whom: the tasks of one lane of one host. */
export class Lines extends Repository {
  /** One transaction at a time gets past this for a line: who counts its places afterwards may also give them away. */
  async hold({ lane, host }: Line): Promise<void> {
    // SQLite's transactions hold the whole database already.
    if (this.engine !== 'mariadb') return
    const name = `line/${lane}/${host}`
    await this.db
      .insertInto('wikifarm_settings')
      .values({ name, value: '' })
      .onDuplicateKeyUpdate({ value: '' })
      .execute()
  }

  /** Whoever waits in the line or holds a place of it, in no order. */
  async standing({ lane, host }: Line): Promise<LineRow[]> {
    return (
      this.db
        .selectFrom('wikifarm_tasks')
        .select(['task_id', 'user_id', 'run', 'status', 'turn', 'told_place', 'created_at', 'dispatched_at'])
        .where('lane', '=', lane)
        .where('host', '=', host)
        .where('left_at', 'is', null)
        // An earlier release ends tasks without saying that their place is free.
        .where('status', 'in', openTaskStatuses)
        .execute()
    )
  }

  async isWaitedIn({ lane, host }: Line): Promise<boolean> {
    const row = await this.db
      .selectFrom('wikifarm_tasks')
      .select('task_id')
      .where('lane', '=', lane)
      .where('host', '=', host)
      .where('left_at', 'is', null)
      .where('dispatched_at', 'is', null)
      .where('status', '=', 'queued')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Lines in which somebody waits. */
  async waiting(): Promise<Line[]> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select(['lane', 'host'])
      .distinct()
      .where('status', '=', 'queued')
      .where('lane', 'is not', null)
      .where('dispatched_at', 'is', null)
      .execute()
    return rows.flatMap(({ lane, host }) => (lane === null || host === null ? [] : [{ lane, host }]))
  }

  /** How many wait in each line of a lane, by host. */
  async waitingByHost(lane: Lane): Promise<Map<string, number>> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select((select) => ['host', select.fn.countAll<number>().as('count')])
      .where('lane', '=', lane)
      .where('left_at', 'is', null)
      .where('dispatched_at', 'is', null)
      .where(this.unindexed('status'), '=', 'queued')
      .groupBy('host')
      .execute()
    return new Map(rows.map(({ host, count }) => [host ?? '', Number(count)]))
  }

  /** How long the last few held their places, in milliseconds; undefined when nobody has. */
  async heldMs({ lane, host }: Line, few = 8): Promise<number | undefined> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select(['dispatched_at', 'left_at'])
      .where('lane', '=', lane)
      .where('host', '=', host)
      .where('left_at', 'is not', null)
      .orderBy('left_at', 'desc')
      .limit(few)
      .execute()
    const held = rows.flatMap(({ dispatched_at: from, left_at: until }) =>
      from === null || until === null ? [] : [until - from],
    )
    return held.length === 0 ? undefined : held.reduce((sum, one) => sum + one, 0) / held.length
  }
}
