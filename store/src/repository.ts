import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { StoreEngine } from './migrations/step.ts'
import type { Tables } from './tables.ts'

/** What every repository stands on: the database, or one transaction of it. */
export class Repository {
  protected readonly db: Kysely<Tables>
  protected readonly engine: StoreEngine

  constructor(db: Kysely<Tables>, engine: StoreEngine) {
    this.db = db
    this.engine = engine
  }

  /** A locking read. SQLite's transactions hold the whole database already. */
  protected locked<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
  ): SelectQueryBuilder<DB, TB, O> {
    return this.engine === 'mariadb' ? query.forUpdate() : query
  }
}
