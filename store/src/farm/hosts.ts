import { databaseNow } from '../database/database-time.ts'
import { Repository } from '../database/repository.ts'
import type { HostRow } from '../database/tables.ts'

export interface HostLoad extends HostRow {
  /** MediaWiki wikis whose name is claimed and whose folder is there. */
  readonly wikis: number
  /** How long nothing was heard of it, in milliseconds of the database's time. */
  readonly silentMs: number
}

/** Machines that hold MediaWiki wikis, each with a worker of its own. A lease says which of them are alive. */
export class Hosts extends Repository {
  /**
   * A worker of this host is alive, has room for `capacity` wikis (null: as many as there are) and makes `creations` at once
   * (null: it does not say so).
   */
  async beat(name: string, capacity: number | null, creations: number | null = null): Promise<void> {
    const now = databaseNow(this.engine)
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_hosts')
      .set({ seen_at: now, capacity, creations })
      .where('host', '=', name)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return
    await this.db
      .insertInto('wikifarm_hosts')
      .values({ host: name, capacity, creations, draining: 0, seen_at: now, created_at: now })
      .execute()
  }

  /** A draining host keeps its wikis and gets no new ones. False when there is no such host. */
  async drain(name: string, draining: boolean): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_hosts')
      .set({ draining: draining ? 1 : 0 })
      .where('host', '=', name)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Forgets a host that holds nothing. False when there is none, or it holds a wiki. */
  async remove(name: string): Promise<boolean> {
    const host = (await this.list()).find((each) => each.host === name)
    if (host === undefined || host.wikis > 0) return false
    await this.db.deleteFrom('wikifarm_hosts').where('host', '=', name).execute()
    return true
  }

  async find(name: string): Promise<HostRow | undefined> {
    return this.db.selectFrom('wikifarm_hosts').selectAll().where('host', '=', name).executeTakeFirst()
  }

  async list(): Promise<HostLoad[]> {
    const hosts = await this.db
      .selectFrom('wikifarm_hosts')
      .selectAll()
      .select(databaseNow(this.engine).as('now'))
      .orderBy('host')
      .execute()
    const counts = await this.db
      .selectFrom('wikifarm_wikis')
      .select((select) => ['host', select.fn.countAll<number>().as('count')])
      .where('host', 'is not', null)
      .where('claim', 'is not', null)
      .groupBy('host')
      .execute()
    const wikis = new Map(counts.map(({ host, count }) => [host, Number(count)]))
    return hosts.map(({ now, ...host }) => ({
      ...host,
      wikis: wikis.get(host.host) ?? 0,
      silentMs: Math.max(Number(now) - host.seen_at, 0),
    }))
  }

  /**
   * The host with room and the fewest wikis; one that was heard of within `aliveMs` before one that was not. Held, so that
   * two placements do not both take the last room; only it is, and only it is counted meanwhile.
   */
  async place(aliveMs: number): Promise<HostRow | undefined> {
    const isGone = ({ silentMs }: HostLoad): number => (silentMs > aliveMs ? 1 : 0)
    const inOrder = (await this.list())
      .filter(hasRoom)
      .sort((one, other) => isGone(one) - isGone(other) || one.wikis - other.wikis)
    for (const { host } of inOrder) {
      const query = this.db.selectFrom('wikifarm_hosts').selectAll().where('host', '=', host)
      const held = await this.locked(query).executeTakeFirst()
      if (held !== undefined && hasRoom({ ...held, wikis: await this.#countOn(host) })) return held
    }
    return undefined
  }

  async #countOn(host: string): Promise<number> {
    const { count } = await this.db
      .selectFrom('wikifarm_wikis')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('host', '=', host)
      .where('claim', 'is not', null)
      .executeTakeFirstOrThrow()
    return Number(count)
  }
}

const hasRoom = ({ draining, capacity, wikis }: Omit<HostLoad, 'silentMs'>): boolean =>
  draining === 0 && (capacity === null || wikis < capacity)
