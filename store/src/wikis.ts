import {
  Refusal,
  sentences,
  standingStatuses,
  type Engine,
  type Serving,
  type Visibility,
  type WikiStatus,
} from '@wikistead/contracts'
import { sql, type Kysely } from 'kysely'
import { wikiContains } from './contains.ts'
import { Repository } from './repository.ts'
import { isDuplicate } from './store-errors.ts'
import type { StoreEngine } from './migrations/step.ts'
import type { StoreClock } from './store-clock.ts'
import type { Tables, WikiRow } from './tables.ts'
import { Texts } from './texts.ts'

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

export interface WikiFilter {
  readonly limit: number
  /** Only wikis with a smaller id (newest first). */
  readonly before?: number
  readonly engine?: Engine
  readonly status?: WikiStatus
  readonly visibility?: Visibility
  readonly ownerId?: number
  readonly featured?: boolean
  /** Part of a name or address. */
  readonly text?: string
  /** How many to pass over. */
  readonly offset?: number
  /** Whose eyes: of others' wikis they see what is public and stands. */
  readonly seenBy?: number
}

interface PageFilter extends WikiFilter {
  /** What one user sees of others' wikis is what is public and stands. */
  readonly openTo?: number
  readonly after?: number
  readonly wikiIds?: readonly number[]
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

  constructor(db: Kysely<Tables>, engine: StoreEngine, clock: StoreClock) {
    super(db, engine, clock)
    this.#texts = new Texts(db, engine, clock)
  }

  async find(wikiId: number): Promise<WikiRow | undefined> {
    return this.db.selectFrom('wikifarm_wikis').selectAll().where('wiki_id', '=', wikiId).executeTakeFirst()
  }

  /** @throws Refusal `wiki_not_found` */
  async get(wikiId: number): Promise<WikiRow> {
    const row = await this.find(wikiId)
    if (row === undefined) throw new Refusal('wiki_not_found', `There is no wiki ${String(wikiId)}.`)
    return row
  }

  /** Holds the row until the transaction ends. @throws Refusal `wiki_not_found` */
  async lock(wikiId: number): Promise<WikiRow> {
    const query = this.db.selectFrom('wikifarm_wikis').selectAll().where('wiki_id', '=', wikiId)
    const row = await this.locked(query).executeTakeFirst()
    if (row === undefined) throw new Refusal('wiki_not_found', `There is no wiki ${String(wikiId)}.`)
    return row
  }

  async byIds(wikiIds: readonly number[]): Promise<Map<number, WikiRow>> {
    if (wikiIds.length === 0) return new Map()
    const rows = await this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('wiki_id', 'in', [...wikiIds])
      .execute()
    return new Map(rows.map((row) => [row.wiki_id, row]))
  }

  /** The wiki that holds this address now. */
  async byClaim(engine: Engine, address: string): Promise<WikiRow | undefined> {
    return this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('engine', '=', engine)
      .where('claim', '=', address)
      .executeTakeFirst()
  }

  /** The last wiki that had this address and no longer holds it. */
  async tombstone(engine: Engine, address: string): Promise<WikiRow | undefined> {
    return this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('engine', '=', engine)
      .where('address', '=', address)
      .where('claim', 'is', null)
      .where('status', 'in', ['deleted', 'removed'])
      .orderBy('wiki_id', 'desc')
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
    const rows = await this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('engine', '=', 'fedwiki')
      .where('address', 'in', [...addresses])
      .where('claim', 'is', null)
      .where('status', 'in', ['deleted', 'removed'])
      .orderBy('wiki_id')
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
    { wiki_id: wikiId, updated_at: readAt }: WikiRow,
    status: ReleasedStatus,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#released(status)
      .where('wiki_id', '=', wikiId)
      .where('task_id', 'is', null)
      .where('updated_at', '=', readAt)
      .executeTakeFirst()
    return numUpdatedRows > 0n
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

  async list(filter: WikiFilter): Promise<WikiRow[]> {
    const { seenBy, limit, offset = 0 } = filter
    if (seenBy === undefined) return this.#page(filter, limit, offset)
    // Their own and what all may see, each by its index: with an "or" there would be none for both.
    const own = { ...filter, ownerId: seenBy }
    const both = await Promise.all([
      filter.ownerId === undefined || filter.ownerId === seenBy ? this.#page(own, offset + limit) : [],
      this.#page({ ...filter, openTo: seenBy }, offset + limit),
    ])
    return both
      .flat()
      .sort((one, other) => other.wiki_id - one.wiki_id)
      .slice(offset, offset + limit)
  }

  /** Newest first. An owner's wikis are few, and found by another index. */
  async #page(filter: PageFilter, limit: number, offset = 0): Promise<WikiRow[]> {
    if (filter.text === undefined || filter.ownerId !== undefined) return this.#select(filter, limit, offset)
    const { wikiIds, upTo } = await this.#texts.candidates(filter.text)
    if (wikiIds === undefined) return this.#select(filter, limit, offset)
    const newer = await this.#select({ ...filter, after: upTo }, offset + limit)
    const rest = offset + limit - newer.length
    const older = rest > 0 && wikiIds.length > 0 ? await this.#select({ ...filter, wikiIds }, rest) : []
    return [...newer, ...older].slice(offset)
  }

  async #select(filter: PageFilter, limit: number, offset = 0): Promise<WikiRow[]> {
    const byText = filter.text !== undefined && filter.ownerId === undefined && filter.wikiIds === undefined
    const page = this.#filtered(filter, byText)
      .select('wiki_id')
      .orderBy('wiki_id', 'desc')
      .limit(limit)
      .$if(offset > 0, (query) => query.offset(offset))
    // A cross join is made in the order in which it stands: SQLite would look for the page in all wikis.
    return this.db
      .selectFrom(page.as('page'))
      .crossJoin('wikifarm_wikis as w')
      .whereRef('w.wiki_id', '=', 'page.wiki_id')
      .selectAll('w')
      .orderBy('w.wiki_id', 'desc')
      .execute()
  }
  #filtered(filter: PageFilter, byText: boolean) {
    const byIndex =
      this.engine === 'mariadb' ? 'w force index (wikifarm_wikis_text)' : 'w indexed by wikifarm_wikis_text'
    let query = this.db.selectFrom(sql<WikiRow>`wikifarm_wikis`.as<'w'>(sql.raw(byText ? byIndex : 'w')))
    if (filter.before !== undefined) query = query.where('wiki_id', '<', filter.before)
    if (filter.after !== undefined) query = query.where('wiki_id', '>', filter.after)
    if (filter.wikiIds !== undefined) query = query.where('wiki_id', 'in', filter.wikiIds)
    if (filter.engine !== undefined) query = query.where(this.unindexed('engine'), '=', filter.engine)
    query =
      filter.status === undefined
        ? query.where('claim', 'is not', null)
        : query.where('status', '=', filter.status)
    if (filter.visibility !== undefined) {
      // Of a status there may be few.
      const column = filter.status === undefined ? 'visibility' : this.unindexed('visibility')
      query = query.where(column, '=', filter.visibility)
    }
    if (filter.ownerId !== undefined) query = query.where('owner_id', '=', filter.ownerId)
    if (filter.featured !== undefined) query = query.where('featured', '=', filter.featured ? 1 : 0)
    if (filter.openTo !== undefined) {
      query = query
        .where('visibility', '=', 'public')
        .where('status', 'in', standingStatuses)
        .where('owner_id', '!=', filter.openTo)
    }
    if (filter.text !== undefined) query = query.where(wikiContains(this.engine, filter.text))
    return query
  }

  /** Wikis whose undo window is over and which nobody works on. */
  async purgeable(now: number, limit = 50): Promise<WikiRow[]> {
    return this.db
      .selectFrom('wikifarm_wikis')
      .selectAll()
      .where('purge_after', '<=', now)
      .where('status', '=', 'archived')
      .where('task_id', 'is', null)
      .orderBy('purge_after')
      .limit(limit)
      .execute()
  }
}

function columnsOf(wiki: NewWiki, now: number): Omit<WikiRow, 'wiki_id'> {
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
