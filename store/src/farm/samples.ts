import { Repository } from '../database/repository.ts'

export interface Sample {
  /** What, e.g. `wikis/fedwiki`. */
  readonly sample: string
  readonly at: number
  readonly value: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** From one sample to the next. */
export const sampleEveryMs = 10 * minute

/** How the farm has grown: what was counted every ten minutes; seldom ones are left of what is long ago. */
export class Samples extends Repository {
  /** Whoever comes second changes nothing. @param at when; it is written as the ten minutes that this is in */
  async keep(at: number, counted: ReadonlyMap<string, number>): Promise<void> {
    const moment = at - (at % sampleEveryMs)
    const rows = [...counted].map(([sample, value]) => ({ sample, at: moment, value }))
    if (rows.length === 0) return
    // Not `onConflict` or `ignore`, of which each engine knows one: who leads is alone, and its successor may look first.
    const there = await this.db
      .selectFrom('wikifarm_samples')
      .select('sample')
      .where('at', '=', moment)
      .execute()
    const known = new Set(there.map(({ sample }) => sample))
    const missing = rows.filter(({ sample }) => !known.has(sample))
    if (missing.length > 0) await this.db.insertInto('wikifarm_samples').values(missing).execute()
  }

  /** In order; of what is longer ago than two days one an hour, of what is longer ago than three weeks one a day. */
  async since(at: number): Promise<Sample[]> {
    return this.db
      .selectFrom('wikifarm_samples')
      .select(['sample', 'at', 'value'])
      .where('at', '>=', at)
      .orderBy('at')
      .orderBy('sample')
      .execute()
  }

  /** Of an hour two days ago only its first sample stays, of a day three weeks ago only that, of two years nothing. */
  async thin(now: number): Promise<void> {
    const remove = () => this.db.deleteFrom('wikifarm_samples')
    await remove()
      .where('at', '<', now - 730 * day)
      .execute()
    await remove()
      .where('at', '<', now - 21 * day)
      .where(({ eb }) => eb(eb('at', '%', day), '<>', 0))
      .execute()
    await remove()
      .where('at', '<', now - 2 * day)
      .where(({ eb }) => eb(eb('at', '%', hour), '<>', 0))
      .execute()
  }
}
