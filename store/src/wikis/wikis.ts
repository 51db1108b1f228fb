import {
  Refusal,
  sentences,
  type Engine,
  type Serving,
  type Visibility,
  type WikiStatus,
} from '@wikistead/contracts'
import type { Kysely } from 'kysely'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import type { StoreClock } from '../database/store-clock.ts'
import type { BareWikiRow, Tables, WikiRow } from '../database/tables.ts'
import { Texts } from './texts.ts'
import { WikiLists, type WikiFilter } from './wiki-lists.ts'
import { wikisWithSuspension } from './with-suspension.ts'

export interface NewWiki {
  readonly engine: Engine
  readonly address: string
  readonly name: string
  readonly status: WikiStatus
  readonly visibility: Visibility
  readonly serving?: Serving
  readonly customDomain: boolean
  readonly ownerId: number
  readonly ownerSubject: string
  readonly ownerName: string
  readonly taskId: string | null
  readonly language?: string
  readonly host?: string
}

export type WikiChange = Partial<
  Pick<
    WikiRow,
    | 'name'
    | 'status'
    | 'serving'
    | 'visibility'
    | 'featured'
    | 'owner_id'
    | 'owner_subject'
    | 'owner_name'
    | 'purge_after'
  >
>

type ReleasedStatus = Extract<WikiStatus, 'deleted' | 'failed' | 'removed'>

/** Wikis of both engines; a row is the claim on its address until it is released. */
export class Wikis extends Repository {
  readonly #texts: Texts
  readonly #lists: WikiLists

  constructor(db: Kysely<Tables>, engine: StoreEngine, clock: StoreClock) {
    super(db, engine, clock)
    this.#texts = new Texts(db, engine, clock)
    this.#lists = new WikiLists(db, engine, clock, this.#texts)
  }

  async find(wikiId: number): Promise<WikiRow | undefined> {
    return this.#rows().where('w.wiki_id', '=', wikiId).executeTakeFirst()
  }

  /** @throws Refusal `wiki_not_found` */
  async get(wikiId: number): Promise<WikiRow> {
    const row = await this.find(wikiId)
    if (row === undefined) throw new Refusal('wiki_not_found', `There is no wiki ${String(wikiId)}.`)
    return row
  }

  /** Holds the row until the transaction ends. @throws Refusal `wiki_not_found` */
  async lock(wikiId: number): Promise<WikiRow> {
    const query = this.db.selectFrom('wikifarm_wikis').select('wiki_id').where('wiki_id', '=', wikiId)
    await this.locked(query).execute()
    return this.get(wikiId)
  }

  async byIds(wikiIds: readonly number[]): Promise<Map<number, WikiRow>> {
    if (wikiIds.length === 0) return new Map()
    const rows = await this.#rows()
      .where('w.wiki_id', 'in', [...wikiIds])
      .execute()
    return new Map(rows.map((row) => [row.wiki_id, row]))
  }

  /** The wiki that holds this address now. */
  async byClaim(engine: Engine, address: string): Promise<WikiRow | undefined> {
    return this.#rows().where('w.engine', '=', engine).where('w.claim', '=', address).executeTakeFirst()
  }

  /** The last wiki that had this address and no longer holds it. */
  async tombstone(engine: Engine, address: string): Promise<WikiRow | undefined> {
    return this.#rows()
      .where('w.engine', '=', engine)
      .where('w.address', '=', address)
      .where('w.claim', 'is', null)
      .where('w.status', 'in', ['deleted', 'removed'])
      .orderBy('w.wiki_id', 'desc')
      .executeTakeFirst()
  }

  /** Claims the address. @throws Refusal `name_taken` */
  async insert(wiki: NewWiki): Promise<WikiRow> {
    const now = this.now()
    try {
      const { insertId } = await this.db
        .insertInto('wikifarm_wikis')
        .values(columnsOf(wiki, now))
        .executeTakeFirstOrThrow()
      return await this.get(Number(insertId))
    } catch (error) {
      throw isDuplicate(error) ? nameTaken(wiki.address) : error
    }
  }

  /** Claims many addresses at once. @throws Refusal `name_taken` when one of them is claimed; then none is. */
  async insertMany(wikis: readonly NewWiki[]): Promise<void> {
    if (wikis.length === 0) return
    const now = this.now()
    try {
      await this.db
        .insertInto('wikifarm_wikis')
        .values(wikis.map((wiki) => columnsOf(wiki, now)))
        .execute()
    } catch (error) {
      throw isDuplicate(error) ? nameTaken(wikis.map(({ address }) => address).join(', ')) : error
    }
  }

  /** The latest tombstones of these FedWiki addresses. */
  async tombstones(addresses: readonly string[]): Promise<Map<string, WikiRow>> {
    if (addresses.length === 0) return new Map()
    const rows = await this.#rows()
      .where('w.engine', '=', 'fedwiki')
      .where('w.address', 'in', [...addresses])
      .where('w.claim', 'is', null)
      .where('w.status', 'in', ['deleted', 'removed'])
      .orderBy('w.wiki_id')
      .execute()
    return new Map(rows.map((row) => [row.address, row]))
  }

  /** Takes the address again for a row that had let go of it. @throws Refusal `name_taken` */
  async reclaim(wikiId: number): Promise<void> {
    const { address } = await this.get(wikiId)
    try {
      await this.db
        .updateTable('wikifarm_wikis')
        .set({ claim: address, updated_at: this.now() })
        .where('wiki_id', '=', wikiId)
        .execute()
    } catch (error) {
      throw isDuplicate(error) ? nameTaken(address) : error
    }
  }

  /** Lets the address go; the row stays as the record of who had it. */
  async release(wikiId: number, status: ReleasedStatus): Promise<void> {
    await this.#released(status).where('wiki_id', '=', wikiId).execute()
  }

  /** The same for a wiki as it was read; false when somebody works on it, or has changed it since. */
  async releaseIdle(
    { wiki_id: wikiId, updated_at: readAt }: BareWikiRow,
    status: ReleasedStatus,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#released(status)
      .where('wiki_id', '=', wikiId)
      .where('task_id', 'is', null)
      .where('updated_at', '=', readAt)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  #rows() {
    return wikisWithSuspension(this.db)
  }

  #released(status: ReleasedStatus) {
    return this.db
      .updateTable('wikifarm_wikis')
      .set({ claim: null, task_id: null, status, purge_after: null, updated_at: this.now() })
  }

  /** Makes the task the wiki's current one. @throws Refusal `busy` when another is at work on it. */
  async take(wikiId: number, taskId: string): Promise<void> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_wikis')
      .set({ task_id: taskId })
      .where('wiki_id', '=', wikiId)
      .where((where) => where.or([where('task_id', 'is', null), where('task_id', '=', taskId)]))
      .executeTakeFirst()
    if (numUpdatedRows === 0n) {
      const { task_id: current } = await this.get(wikiId)
      throw new Refusal('busy', 'Another task is at work on this wiki. Wait for it, or cancel it.', {
        task_id: current,
      })
    }
  }

  async letGo(wikiId: number, taskId: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_wikis')
      .set({ task_id: null })
      .where('wiki_id', '=', wikiId)
      .where('task_id', '=', taskId)
      .execute()
  }

  async change(wikiId: number, change: WikiChange): Promise<void> {
    const before = change.name === undefined ? undefined : await this.find(wikiId)
    await this.db
      .updateTable('wikifarm_wikis')
      .set({ ...change, updated_at: this.now() })
      .where('wiki_id', '=', wikiId)
      .execute()
    if (before === undefined || change.name === undefined || before.name === change.name) return
    const after = { ...before, name: change.name }
    await this.#texts.remove([before], [after])
    await this.#texts.add([after])
  }

  /**
   * How many places of a user's quota are in use. A wiki in its undo window has freed its own, also while it is removed
   * from there for good; one that is removed without such a window frees it when it is gone: that may be cancelled.
   */
  async countOwned(userId: number, engine: Engine): Promise<number> {
    const row = await this.db
      .selectFrom('wikifarm_wikis')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('owner_id', '=', userId)
      .where('engine', '=', engine)
      .where('claim', 'is not', null)
      .where('status', '!=', 'archived')
      .where((where) => where.or([where('status', '!=', 'purging'), where('purge_after', 'is', null)]))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  /** Newest first. */
  list(filter: WikiFilter): Promise<WikiRow[]> {
    return this.#lists.list(filter)
  }

  nextCustomDomain(after: number): Promise<WikiRow | undefined> {
    return this.#lists.nextCustomDomain(after)
  }

  /** Wikis whose undo window is over and which nobody works on. One that is suspended is kept. */
  async purgeable(now: number, limit = 50): Promise<WikiRow[]> {
    return this.#rows()
      .where('w.purge_after', '<=', now)
      .where('w.status', '=', 'archived')
      .where('w.task_id', 'is', null)
      .where('suspension.suspended_at', 'is', null)
      .orderBy('w.purge_after')
      .limit(limit)
      .execute()
  }
}

function columnsOf(wiki: NewWiki, now: number) {
  return {
    engine: wiki.engine,
    address: wiki.address,
    claim: wiki.address,
    name: wiki.name,
    status: wiki.status,
    serving: wiki.serving ?? 'active',
    visibility: wiki.visibility,
    featured: 0,
    custom_domain: wiki.customDomain ? 1 : 0,
    owner_id: wiki.ownerId,
    owner_subject: wiki.ownerSubject,
    owner_name: wiki.ownerName,
    task_id: wiki.taskId,
    created_at: now,
    updated_at: now,
    purge_after: null,
    language: wiki.language ?? null,
    host: wiki.host ?? null,
  }
}

const nameTaken = (domain: string): Refusal => new Refusal('name_taken', sentences.name_taken, { domain })
