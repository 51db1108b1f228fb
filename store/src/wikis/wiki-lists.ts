/** Pages of wikis: what is filtered, found by a part of its text, or seen by somebody. */
import { standingStatuses, type Engine, type Visibility, type WikiStatus } from '@wikistead/contracts'
import { sql, type Kysely } from 'kysely'
import { wikiContains } from '../database/contains.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import { Repository } from '../database/repository.ts'
import type { StoreClock } from '../database/store-clock.ts'
import type { Tables, WikiRow } from '../database/tables.ts'
import type { Texts } from './texts.ts'
import { suspensionColumns, wikisWithSuspension } from './with-suspension.ts'

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
  /** Whose eyes: of others' wikis they see what is public and stands, and is not suspended. */
  readonly seenBy?: number
}

interface PageFilter extends WikiFilter {
  /** What one user sees of others' wikis is what is public and stands. */
  readonly openTo?: number
  readonly after?: number
  readonly wikiIds?: readonly number[]
}

export class WikiLists extends Repository {
  readonly #texts: Texts

  constructor(db: Kysely<Tables>, engine: StoreEngine, clock: StoreClock, texts: Texts) {
    super(db, engine, clock)
    this.#texts = texts
  }

  async list(filter: WikiFilter): Promise<WikiRow[]> {
    const { seenBy, limit, offset = 0 } = filter
    if (seenBy === undefined) return this.#page(filter, limit, offset)
    // Who is not known has none: what they pass over is not read.
    if (seenBy === 0) return this.#page({ ...filter, openTo: seenBy }, limit, offset)
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

  /** Of those that stand, the first after that id. */
  async nextCustomDomain(after: number): Promise<WikiRow | undefined> {
    return wikisWithSuspension(this.db)
      .where('w.wiki_id', '>', after)
      .where('w.engine', '=', 'fedwiki')
      .where('w.custom_domain', '=', 1)
      .where('w.status', '=', 'active')
      .orderBy('w.wiki_id')
      .limit(1)
      .executeTakeFirst()
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
      .leftJoin('wikifarm_suspensions as suspension', 'suspension.wiki_id', 'w.wiki_id')
      .whereRef('w.wiki_id', '=', 'page.wiki_id')
      .selectAll('w')
      .select(suspensionColumns)
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
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('wikifarm_suspensions as suspended')
                .select('suspended.wiki_id')
                .whereRef('suspended.wiki_id', '=', 'w.wiki_id')
                .where('suspended.suspended_at', 'is not', null),
            ),
          ),
        )
    }
    if (filter.text !== undefined) query = query.where(wikiContains(this.engine, filter.text))
    return query
  }
}
