/**
 * Suspensions as they are wanted: beside whatever else a wiki is, so that lifting one leaves it as it was. The wiki itself
 * hears of it by a task; `suspension_due` says that it has still to, and when to try next.
 */
import { Repository } from '../database/repository.ts'
import type { SuspensionsTable, WikiRow } from '../database/tables.ts'
import { wikisWithSuspension } from './with-suspension.ts'

export interface Suspension {
  readonly reason: string
  /** The user who decided so. */
  readonly by: number
}

export class Suspensions extends Repository {
  /** Another reason for one that is suspended counts from when it was at first. The wiki's row must be held. */
  async suspend(
    { wiki_id: wikiId, suspended_at: since }: WikiRow,
    { reason, by }: Suspension,
  ): Promise<void> {
    const now = this.now()
    const decided = {
      ...{ suspended_at: since ?? now, suspended_by: by, suspension_reason: reason, suspension_due: now },
    }
    await this.#decide(wikiId, decided)
  }

  /** What an undo window has lost meanwhile is given back. The wiki's row must be held. */
  async lift(
    { wiki_id: wikiId, suspended_at: since, purge_after: until }: WikiRow,
    by: number,
  ): Promise<void> {
    const now = this.now()
    const decided = { suspended_at: null, suspended_by: by, suspension_reason: null, suspension_due: now }
    await this.#decide(wikiId, decided)
    if (until === null || since === null) return
    await this.db
      .updateTable('wikifarm_wikis')
      .set({ purge_after: until + (now - since) })
      .where('wiki_id', '=', wikiId)
      .execute()
  }

  /** The wiki has been told of `reason` (null: of none). Nothing where something else is wanted by now. Its row must be held. */
  async settle({ wiki_id: wikiId, suspension_reason: wanted }: WikiRow, told: string | null): Promise<void> {
    if (wanted !== told) return
    if (wanted === null) {
      await this.db.deleteFrom('wikifarm_suspensions').where('wiki_id', '=', wikiId).execute()
    } else await this.#set(wikiId, { suspension_due: null })
  }

  /** What the wiki knew is lost, as of a site that was made anew. */
  async tellAgain({ wiki_id: wikiId }: Pick<WikiRow, 'wiki_id'>): Promise<void> {
    await this.db
      .updateTable('wikifarm_suspensions')
      .set({ suspension_due: this.now() })
      .where('wiki_id', '=', wikiId)
      .execute()
  }

  /** Of one that is due. */
  async tryAgainAt(wikiId: number, at: number): Promise<void> {
    await this.db
      .updateTable('wikifarm_suspensions')
      .set({ suspension_due: at })
      .where('wiki_id', '=', wikiId)
      .where('suspension_due', 'is not', null)
      .execute()
  }

  /** Wikis that have still to be told, and that nobody works on. */
  async due(limit = 50): Promise<WikiRow[]> {
    return wikisWithSuspension(this.db)
      .where('suspension.suspension_due', '<=', this.now())
      .where('w.task_id', 'is', null)
      .where('w.claim', 'is not', null)
      .orderBy('suspension.suspension_due')
      .limit(limit)
      .execute()
  }

  async #decide(wikiId: number, decided: Omit<SuspensionsTable, 'wiki_id'>): Promise<void> {
    if (await this.#set(wikiId, decided)) return
    await this.db
      .insertInto('wikifarm_suspensions')
      .values({ wiki_id: wikiId, ...decided })
      .execute()
  }

  async #set(wikiId: number, values: Partial<SuspensionsTable>): Promise<boolean> {
    const known = await this.db
      .selectFrom('wikifarm_suspensions')
      .select('wiki_id')
      .where('wiki_id', '=', wikiId)
      .executeTakeFirst()
    await this.db.updateTable('wikifarm_suspensions').set(values).where('wiki_id', '=', wikiId).execute()
    return known !== undefined
  }
}
