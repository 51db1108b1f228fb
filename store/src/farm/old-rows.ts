/**
 * Rows that have been long enough, found and removed a few at a time. Whether a row is still needed is decided elsewhere
 * (`tasks/housekeeping/retention.ts`); what is removed here is looked at once more, for somebody may have taken it up meanwhile.
 */
import { openTaskStatuses } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { TaskRow, BareWikiRow } from '../database/tables.ts'

/** How far a look at all ended tasks has come. */
export interface EndedPlace {
  readonly endedAt: number
  readonly taskId: string
}

export class OldRows extends Repository {
  /** Tasks that ended before `before`, in the order in which they did, after that place. */
  async endedTasks(before: number, { endedAt, taskId }: EndedPlace, limit: number): Promise<TaskRow[]> {
    return this.db
      .selectFrom('wikifarm_tasks')
      .selectAll()
      .where('ended_at', '<', before)
      .where('ended_at', '>=', endedAt)
      .where((where) =>
        where.or([
          where('ended_at', '>', endedAt),
          where.and([where('ended_at', '=', endedAt), where('task_id', '>', taskId)]),
        ]),
      )
      .orderBy('ended_at')
      .orderBy('task_id')
      .limit(limit)
      .execute()
  }

  /** Those of the tasks of which something is still to be undone. */
  async withOpenLines(taskIds: readonly string[]): Promise<Set<string>> {
    if (taskIds.length === 0) return new Set()
    const rows = await this.db
      .selectFrom('wikifarm_ledger')
      .select('task_id')
      .distinct()
      .where('task_id', 'in', [...taskIds])
      .where('state', 'in', ['reached', 'made'])
      .execute()
    return new Set(rows.map(({ task_id: id }) => id))
  }

  /** The output of commands that the tasks' events have: `limit` lines of it at most. Returns how many. */
  async removeOutput(taskIds: readonly string[], limit: number): Promise<number> {
    let removed = 0
    for (const taskId of taskIds) {
      const lines = await this.db
        .selectFrom('wikifarm_task_events')
        .select('seq')
        .where('task_id', '=', taskId)
        .where('type', '=', 'log')
        .limit(limit - removed)
        .execute()
      if (lines.length === 0) continue
      await this.db
        .deleteFrom('wikifarm_task_events')
        .where('task_id', '=', taskId)
        .where(
          'seq',
          'in',
          lines.map(({ seq }) => seq),
        )
        .execute()
      removed += lines.length
      if (removed >= limit) break
    }
    return removed
  }

  /** Tasks with all that is known of them, save for those that began a new life. Only inside a transaction. */
  async removeTasks(taskIds: readonly string[], endedBefore: number): Promise<number> {
    if (taskIds.length === 0) return 0
    const query = this.db
      .selectFrom('wikifarm_tasks')
      .select('task_id')
      .where('task_id', 'in', [...taskIds])
      .where('ended_at', '<', endedBefore)
    const ids = (await this.locked(query).execute()).map(({ task_id: id }) => id)
    if (ids.length === 0) return 0
    await this.db.deleteFrom('wikifarm_task_events').where('task_id', 'in', ids).execute()
    await this.db.deleteFrom('wikifarm_ledger').where('task_id', 'in', ids).execute()
    await this.db.deleteFrom('wikifarm_tasks').where('task_id', 'in', ids).execute()
    return ids.length
  }

  async removeClearedAlarms(clearedBefore: number, limit: number): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_alarms')
      .select('alarm_id')
      .where('cleared_at', '<', clearedBefore)
      .limit(limit)
      .execute()
    const ids = rows.map(({ alarm_id: id }) => id)
    if (ids.length > 0) await this.db.deleteFrom('wikifarm_alarms').where('alarm_id', 'in', ids).execute()
    return ids.length
  }

  /** Offers whose time was over, unless a task is still at work on one that was accepted. */
  async removeEndedTransfers(expiredBefore: number, limit: number): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_transfers as offer')
      .leftJoin('wikifarm_tasks as task', 'task.task_id', 'offer.task_id')
      .select('offer.transfer_id')
      .where('offer.expires_at', '<', expiredBefore)
      .where((where) =>
        where.or([where('task.task_id', 'is', null), where('task.status', 'not in', openTaskStatuses)]),
      )
      .limit(limit)
      .execute()
    const ids = rows.map((row) => row.transfer_id)
    if (ids.length > 0)
      await this.db.deleteFrom('wikifarm_transfers').where('transfer_id', 'in', ids).execute()
    return ids.length
  }

  /** Of the wikis with these numbers: those that let go of their address before `before`, and no task of theirs is left. */
  async tombstones(after: number, upTo: number, before: number): Promise<BareWikiRow[]> {
    return (
      this.db
        .selectFrom('wikifarm_wikis as wiki')
        .selectAll('wiki')
        .where('wiki.wiki_id', '>', after)
        .where('wiki.wiki_id', '<=', upTo)
        .where(this.unindexed('wiki.claim'), 'is', null)
        .where(this.unindexed('wiki.status'), 'in', ['deleted', 'removed', 'failed'])
        .where('wiki.task_id', 'is', null)
        .where('wiki.updated_at', '<', before)
        // A site that vanished while it was suspended comes back as such.
        .where('wiki.wiki_id', 'not in', (from) =>
          from
            .selectFrom('wikifarm_suspensions as suspended')
            .select('suspended.wiki_id')
            .where('suspended.suspended_at', 'is not', null),
        )
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('wikifarm_tasks as task')
                .select('task.task_id')
                .whereRef('task.wiki_id', '=', 'wiki.wiki_id'),
            ),
          ),
        )
        .execute()
    )
  }

  /** With what text they are found by, save for those that somebody took up again. Only inside a transaction. */
  async removeTombstones(wikiIds: readonly number[]): Promise<BareWikiRow[]> {
    if (wikiIds.length === 0) return []
    const query = this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('wiki_id', 'in', [...wikiIds])
      .where('claim', 'is', null)
      .where('task_id', 'is', null)
    const wikis = await this.locked(query).execute()
    const ids = wikis.map(({ wiki_id: id }) => id)
    if (ids.length === 0) return wikis
    await this.db.deleteFrom('wikifarm_suspensions').where('wiki_id', 'in', ids).execute()
    await this.db.deleteFrom('wikifarm_wikis').where('wiki_id', 'in', ids).execute()
    return wikis
  }

  async lastWikiId(): Promise<number> {
    const row = await this.db
      .selectFrom('wikifarm_wikis')
      .select(({ fn }) => fn.max('wiki_id').as('last'))
      .executeTakeFirst()
    return Number(row?.last ?? 0)
  }
}
