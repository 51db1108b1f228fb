import { sql } from 'kysely'
import { databaseNow } from '../database/database-time.ts'
import { Repository } from '../database/repository.ts'

/** What one instance at a time does. A lease ends by itself, in the database's time, unless its holder renews it. */
export class Leases extends Repository {
  /** Takes the lease, or renews it. Its term, which grows with each new holder; undefined while another holds it. */
  async take(name: string, holder: string, leaseMs: number): Promise<number | undefined> {
    if (await this.#claim(name, holder, leaseMs)) return this.#termOf(name, holder)
    const insert = this.db.insertInto('wikifarm_leases').values({ name, holder: '', term: 0, until_at: 0 })
    await (
      this.engine === 'mariadb' ? insert.ignore() : insert.onConflict((on) => on.column('name').doNothing())
    ).execute()
    return (await this.#claim(name, holder, leaseMs)) ? this.#termOf(name, holder) : undefined
  }

  /** Who holds it. */
  async holder(name: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_leases')
      .select('holder')
      .where('name', '=', name)
      .where('until_at', '>', databaseNow(this.engine))
      .executeTakeFirst()
    return row?.holder
  }

  /** What this holder holds, or that one lease of it, may be taken by others at once. */
  async release(holder: string, name?: string): Promise<void> {
    const held = this.db.updateTable('wikifarm_leases').set({ until_at: 0 }).where('holder', '=', holder)
    await (name === undefined ? held : held.where('name', '=', name)).execute()
  }

  async #claim(name: string, holder: string, leaseMs: number): Promise<boolean> {
    const now = databaseNow(this.engine)
    const until_at = sql<number>`${now} + ${leaseMs}`
    const lease = this.db.updateTable('wikifarm_leases').where('name', '=', name)
    const renewed = await lease
      .set({ until_at })
      .where('holder', '=', holder)
      .where('until_at', '>', now)
      .executeTakeFirst()
    if (renewed.numUpdatedRows > 0n) return true
    const taken = await lease
      .set(({ eb }) => ({ holder, until_at, term: eb('term', '+', 1) }))
      .where('until_at', '<=', now)
      .executeTakeFirst()
    return taken.numUpdatedRows > 0n
  }

  async #termOf(name: string, holder: string): Promise<number | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_leases')
      .select('term')
      .where('name', '=', name)
      .where('holder', '=', holder)
      .executeTakeFirst()
    return row?.term
  }
}
