import { Repository } from './repository.ts'
import type { HostRow } from './tables.ts'

export interface HostLoad extends HostRow {
  /** MediaWiki wikis whose name is claimed and whose folder is there. */
  readonly wikis: number
}

/** Machines that hold MediaWiki wikis, each with a worker of its own. A lease says which of them are alive. */
export class Hosts extends Repository {
  /** A worker of this host is alive, and has room for `capacity` wikis; null: as many as there are. */
  async beat(name: string, capacity: number | null, now = Date.now()): Promise<void> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_hosts')
      .set({ seen_at: now, capacity })
      .where('host', '=', name)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return
    await this.db
      .insertInto('wikifarm_hosts')
      .values({ host: name, capacity, draining: 0, seen_at: now, created_at: now })
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
    const hosts = await this.db.selectFrom('wikifarm_hosts').selectAll().orderBy('host').execute()
    const counts = await this.db
      .selectFrom('wikifarm_wikis')
      .select((select) => ['host', select.fn.countAll<number>().as('count')])
      .where('host', 'is not', null)
      .where('claim', 'is not', null)
      .groupBy('host')
      .execute()
    const wikis = new Map(counts.map(({ host, count }) => [host, Number(count)]))
    return hosts.map((host) => ({ ...host, wikis: wikis.get(host.host) ?? 0 }))
  }

  /** The host with room and the fewest wikis; one that was seen since `aliveSince` before one that was not. */
  async place(aliveSince: number): Promise<HostRow | undefined> {
    // Held, so that two placements do not both take the last room.
    const query = this.db.selectFrom('wikifarm_hosts').select('host').orderBy('host')
    await this.locked(query).execute()
    const open = (await this.list()).filter(
      ({ draining, capacity, wikis }) => draining === 0 && (capacity === null || wikis < capacity),
    )
    const isGone = ({ seen_at: seenAt }: HostRow): number => (seenAt < aliveSince ? 1 : 0)
    return open.sort((one, other) => isGone(one) - isGone(other) || one.wikis - other.wikis)[0]
  }
}
