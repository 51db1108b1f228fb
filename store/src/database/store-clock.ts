/**
 * What time it is in the store: this machine's time, put right by the database's. Machines whose clocks differ write and
 * compare the same times.
 */
import { performance } from 'node:perf_hooks'
import { sql, type Kysely } from 'kysely'
import { databaseNow } from './database-time.ts'
import type { StoreEngine } from './store-engine.ts'
import type { Tables } from './tables.ts'

export class StoreClock {
  readonly #engine: StoreEngine
  /** By how much the database's clock is ahead of ours; SQLite's is ours. Undefined until it was looked at. */
  #ahead: number | undefined

  constructor(engine: StoreEngine) {
    this.#engine = engine
  }

  now(): number {
    return Math.round(Date.now() + (this.#ahead ?? 0))
  }

  /** Looks at the database's clock. An answer that took long says little, and is not taken while there is a better one. */
  async set(db: Kysely<Tables>): Promise<void> {
    if (this.#engine === 'sqlite') return
    const asked = performance.now()
    const { rows } = await sql<{ readonly now: number }>`select ${databaseNow(this.#engine)} as now`.execute(
      db,
    )
    const tookMs = performance.now() - asked
    const [row] = rows
    if (row === undefined || (this.#ahead !== undefined && tookMs > tooLongMs)) return
    this.#ahead = Number(row.now) + tookMs / 2 - Date.now()
  }
}

const tooLongMs = 500
