import type { Serving } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { SnapshotRow, SnapshotSiteRow, BareWikiRow } from '../database/tables.ts'

export interface SnapshotSite {
  readonly address: string
  readonly serving: Serving
  readonly ownerSubject: string | null
  readonly ownerName: string | null
}

export interface MissingWiki extends BareWikiRow {
  /** What the list says of it, if it is in it at all. */
  readonly listed: Serving | null
  /** 1 when the farm confirmed it. */
  readonly gone: number | null
}

/** A farm's site list, kept here so that activities pass a reference and never the list. */
export class Snapshots extends Repository {
  /** Begins anew: what an earlier attempt had stored under this id is gone. */
  async begin(snapshotId: string, startedAt: number): Promise<void> {
    await this.remove(snapshotId)
    await this.db
      .insertInto('wikifarm_snapshots')
      .values({ snapshot_id: snapshotId, started_at: startedAt, sites: 0, skipped: 0, complete: 0 })
      .execute()
  }

  async add(snapshotId: string, sites: readonly SnapshotSite[]): Promise<void> {
    if (sites.length === 0) return
    await this.db
      .insertInto('wikifarm_snapshot_sites')
      .values(
        sites.map((site) => ({
          snapshot_id: snapshotId,
          address: site.address,
          serving: site.serving,
          gone: 0,
          owner_subject: site.ownerSubject,
          owner_name: site.ownerName,
        })),
      )
      .execute()
  }

  /** What the farm said when it was asked for this site alone, instead of what the list said. */
  async correct(snapshotId: string, site: SnapshotSite): Promise<void> {
    await this.#forget(snapshotId, site.address)
    await this.add(snapshotId, [site])
  }

  /** The farm said of this very site that it is not there, or put away. */
  async confirmGone(snapshotId: string, address: string): Promise<void> {
    await this.#forget(snapshotId, address)
    await this.db
      .insertInto('wikifarm_snapshot_sites')
      .values({
        ...{ snapshot_id: snapshotId, address, serving: 'archived', gone: 1 },
        ...{ owner_subject: null, owner_name: null },
      })
      .execute()
  }

  async complete(snapshotId: string, sites: number, skipped: number): Promise<void> {
    await this.db
      .updateTable('wikifarm_snapshots')
      .set({ sites, skipped, complete: 1 })
      .where('snapshot_id', '=', snapshotId)
      .execute()
  }

  async find(snapshotId: string): Promise<SnapshotRow | undefined> {
    return this.db
      .selectFrom('wikifarm_snapshots')
      .selectAll()
      .where('snapshot_id', '=', snapshotId)
      .executeTakeFirst()
  }

  /** @throws Error when there is no such list */
  async get(snapshotId: string): Promise<SnapshotRow> {
    const row = await this.find(snapshotId)
    if (row === undefined) throw new Error(`there is no list ${snapshotId}`)
    return row
  }

  /** It is not needed any more: a later sweep takes it away, for that may be much. */
  async dismiss(snapshotId: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_snapshots')
      .set({ started_at: 0, complete: 0 })
      .where('snapshot_id', '=', snapshotId)
      .execute()
  }

  async remove(snapshotId: string): Promise<void> {
    for (let end: string | undefined; (end = await this.#endOfRange(snapshotId, '')) !== undefined;) {
      await this.db
        .deleteFrom('wikifarm_snapshot_sites')
        .where('snapshot_id', '=', snapshotId)
        .where('address', '<=', end)
        .execute()
    }
    await this.db.deleteFrom('wikifarm_snapshots').where('snapshot_id', '=', snapshotId).execute()
  }

  async removeOlderThan(startedBefore: number): Promise<void> {
    const old = await this.db
      .selectFrom('wikifarm_snapshots')
      .select('snapshot_id')
      .where('started_at', '<', startedBefore)
      .limit(100)
      .execute()
    for (const { snapshot_id: id } of old) await this.remove(id)
  }

  /**
   * Sites on the farm that no row claims, of the next part of the list after `after`; `next` is where the part after that
   * begins. Those whose row let go of them since the list was asked for were taken away by us, and are listed for that
   * reason only.
   */
  async unclaimed(
    { snapshot_id: snapshotId, started_at: startedAt }: SnapshotRow,
    after: string,
  ): Promise<{ readonly sites: SnapshotSiteRow[]; readonly next: string | undefined }> {
    const next = await this.#endOfRange(snapshotId, after)
    if (next === undefined) return { sites: [], next }
    const sites = await this.db
      .selectFrom('wikifarm_snapshot_sites as s')
      .leftJoin('wikifarm_wikis as w', (join) =>
        join.onRef('w.claim', '=', 's.address').on('w.engine', '=', 'fedwiki'),
      )
      .selectAll('s')
      .where('s.snapshot_id', '=', snapshotId)
      .where('s.address', '>', after)
      .where('s.address', '<=', next)
      .where('s.serving', '!=', 'archived')
      .where('w.wiki_id', 'is', null)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('wikifarm_wikis as former')
              .select('former.wiki_id')
              .where('former.engine', '=', 'fedwiki')
              .whereRef('former.address', '=', 's.address')
              .where('former.claim', 'is', null)
              .where('former.updated_at', '>=', startedAt),
          ),
        ),
      )
      .orderBy('s.address')
      .execute()
    return { sites, next }
  }

  /**
   * Idle rows that the farm no longer lists or serves, though we did not put them away ourselves. Rows that were
   * made or changed after the list was asked for cannot be missing from it.
   */
  async missing(snapshot: SnapshotRow): Promise<MissingWiki[]> {
    const missing: MissingWiki[] = []
    for (let after = ''; ;) {
      const end = await this.#endOfClaims(after)
      if (end === undefined) return missing
      missing.push(
        ...(await this.#lacking(snapshot)
          .where('w.claim', '>', after)
          .where('w.claim', '<=', end)
          .orderBy('w.claim')
          .execute()),
      )
      after = end
    }
  }

  /** Those of the missing that the farm itself confirmed. */
  async confirmedGone(snapshot: SnapshotRow): Promise<MissingWiki[]> {
    return this.#lacking(snapshot).where('s.gone', '=', 1).execute()
  }

  #lacking({ snapshot_id: snapshotId, started_at: startedAt }: SnapshotRow) {
    return this.db
      .selectFrom('wikifarm_wikis as w')
      .leftJoin('wikifarm_snapshot_sites as s', (join) =>
        join.onRef('s.address', '=', 'w.claim').on('s.snapshot_id', '=', snapshotId),
      )
      .leftJoin('wikifarm_suspensions as suspended', 'suspended.wiki_id', 'w.wiki_id')
      .selectAll('w')
      .select(['s.serving as listed', 's.gone as gone'])
      .where('w.engine', '=', 'fedwiki')
      .where('w.claim', 'is not', null)
      .where('w.task_id', 'is', null)
      .where('w.updated_at', '<', startedAt)
      .where((where) =>
        where.or([
          where('s.address', 'is', null),
          where('s.gone', '=', 1),
          where.and([
            where('s.serving', '=', 'archived'),
            where('w.status', '=', 'active'),
            where('w.serving', '!=', 'archived'),
            // A farm without our security package shows a suspension so.
            where('suspended.wiki_id', 'is', null),
          ]),
        ]),
      )
  }

  /** How many rows a complete list would hold: what we believe to be on the farm. */
  async believed({ started_at: startedAt }: SnapshotRow): Promise<number> {
    let believed = 0
    for (let after = ''; ;) {
      const end = await this.#endOfClaims(after)
      if (end === undefined) return believed
      const { count } = await this.db
        .selectFrom('wikifarm_wikis')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('engine', '=', 'fedwiki')
        .where('claim', '>', after)
        .where('claim', '<=', end)
        .where(this.unindexed('status'), 'in', ['active', 'archived'])
        .where('created_at', '<', startedAt)
        .executeTakeFirstOrThrow()
      believed += Number(count)
      after = end
    }
  }

  /**
   * Rows that the farm confirms: their `updated_at` says when it last did. In no transaction: a part of it holds nobody up,
   * and may be done again.
   */
  async touch(snapshotId: string, now: number): Promise<void> {
    for await (const addresses of this.#addresses(snapshotId)) {
      await this.db
        .updateTable('wikifarm_wikis')
        .set({ updated_at: now })
        .where('engine', '=', 'fedwiki')
        .where('claim', 'in', addresses)
        .execute()
    }
  }

  /**
   * Takes over what others did on the farm to sites that nobody has changed here since: active or readonly, also one
   * that we had put away and they brought back. In no transaction, and before `touch`.
   */
  async adoptServing({ snapshot_id: snapshotId, started_at: startedAt }: SnapshotRow): Promise<void> {
    for (const serving of ['active', 'readonly'] as const) {
      for await (const addresses of this.#addresses(snapshotId, serving)) {
        await this.db
          .updateTable('wikifarm_wikis')
          .set({ serving, status: 'active', purge_after: null })
          .where('engine', '=', 'fedwiki')
          .where('task_id', 'is', null)
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('wikifarm_suspensions as suspended')
                  .select('suspended.wiki_id')
                  .whereRef('suspended.wiki_id', '=', 'wikifarm_wikis.wiki_id'),
              ),
            ),
          )
          .where(this.unindexed('status'), 'in', ['active', 'archived'])
          .where('updated_at', '<', startedAt)
          .where((where) => where.or([where('serving', '!=', serving), where('status', '=', 'archived')]))
          .where('claim', 'in', addresses)
          .execute()
      }
    }
  }

  /** The list in parts, each of which is changed in one short statement. */
  async *#addresses(snapshotId: string, serving?: Serving): AsyncGenerator<string[]> {
    for (let after = ''; ;) {
      const end = await this.#endOfRange(snapshotId, after)
      if (end === undefined) return
      let query = this.db
        .selectFrom('wikifarm_snapshot_sites')
        .select('address')
        .where('snapshot_id', '=', snapshotId)
        .where('address', '>', after)
        .where('address', '<=', end)
      if (serving !== undefined) query = query.where('serving', '=', serving)
      const rows = await query.execute()
      if (rows.length > 0) yield rows.map(({ address }) => address)
      after = end
    }
  }

  /** The last address of the next part of the list; nothing when there is none. */
  async #endOfRange(snapshotId: string, after: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom((part) =>
        part
          .selectFrom('wikifarm_snapshot_sites')
          .select('address')
          .where('snapshot_id', '=', snapshotId)
          .where('address', '>', after)
          .orderBy('address')
          .limit(partSize)
          .as('part'),
      )
      .select(({ fn }) => fn.max('address').as('end'))
      .executeTakeFirst()
    return row?.end ?? undefined
  }

  /** The same for the addresses that our rows claim. */
  async #endOfClaims(after: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom((part) =>
        part
          .selectFrom('wikifarm_wikis')
          .select('claim')
          .where('engine', '=', 'fedwiki')
          .where('claim', '>', after)
          .orderBy('claim')
          .limit(partSize)
          .as('part'),
      )
      .select(({ fn }) => fn.max('claim').as('end'))
      .executeTakeFirst()
    return row?.end ?? undefined
  }

  async #forget(snapshotId: string, address: string): Promise<void> {
    await this.db
      .deleteFrom('wikifarm_snapshot_sites')
      .where('snapshot_id', '=', snapshotId)
      .where('address', '=', address)
      .execute()
  }
}

/** A list may have 100,000 sites; whatever is asked of so many at once takes a few milliseconds. */
const partSize = 250
