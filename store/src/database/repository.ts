import { sql, type Kysely, type RawBuilder, type SelectQueryBuilder } from 'kysely'
import type { StoreEngine } from './store-engine.ts'
import type { StoreClock } from './store-clock.ts'
import type { Tables } from './tables.ts'

/** What every repository stands on: the database, or one transaction of it. */
export class Repository {
  protected readonly db: Kysely<Tables>
  protected readonly engine: StoreEngine
  readonly #clock: StoreClock

  constructor(db: Kysely<Tables>, engine: StoreEngine, clock: StoreClock) {
    this.db = db
    this.engine = engine
    this.#clock = clock
  }

  /** The store's time. */
  protected now(): number {
    return this.#clock.now()
  }

  /** A locking read. SQLite's transactions hold the whole database already. */
  protected locked<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
  ): SelectQueryBuilder<DB, TB, O> {
    return this.engine === 'mariadb' ? query.forUpdate() : query
  }

  /**
   * A column by which nothing is to be looked up. SQLite guesses which index finds least without knowing what is in them;
   * MariaDB counts.
   */
  protected unindexed(column: string): RawBuilder<string> {
    return this.engine === 'sqlite' ? sql<string>`+${sql.ref(column)}` : sql<string>`${sql.ref(column)}`
  }
}
