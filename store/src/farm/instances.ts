import { databaseNow } from '../database/database-time.ts'
import { Repository } from '../database/repository.ts'
import type { InstanceRow } from '../database/tables.ts'

export interface NewInstance {
  readonly instanceId: string
  readonly role: InstanceRow['role']
  /** The machine's name, as its system has it. */
  readonly machine: string
  /** Of the MediaWiki farm; null when it is none. */
  readonly host: string | null
  readonly version: string
  readonly build: string
  /** Where it is found. */
  readonly address: string | null
  /** Who it is in Temporal's eyes; null when it runs no activities. */
  readonly workerIdentity: string | null
  /** Of its data folder: those of one lineage can tell of each other whether they live. */
  readonly lineage: string
  /** Of the machine's system: where this differs, nothing of the machine is known. */
  readonly boot: string
}

/** A process, and whether it lives. */
export interface SeenInstance extends InstanceRow {
  /** How long nothing was heard of it, in milliseconds. */
  readonly silentMs: number
  /** It has not ended, and was heard of within the lease. */
  readonly alive: boolean
}

/** An instance that was not heard of for so long is none any more. */
export const instanceLeaseMs = 20_000

/** Processes of ours, each with a lease that says that it lives. All of it is in the database's time. */
export class Instances extends Repository {
  async begin(instance: NewInstance): Promise<void> {
    const now = databaseNow(this.engine)
    await this.db
      .insertInto('wikifarm_instances')
      .values({
        ...{ instance_id: instance.instanceId, role: instance.role, machine: instance.machine },
        ...{ host: instance.host, version: instance.version, build: instance.build },
        ...{ address: instance.address, worker_identity: instance.workerIdentity },
        ...{ lineage: instance.lineage, boot: instance.boot, reaches_temporal: null },
        ...{ began_at: now, seen_at: now, ended_at: null },
      })
      .execute()
  }

  /** It lives. False when its row is gone, or somebody has declared it dead. */
  async beat(
    instanceId: string,
    change: { readonly address?: string; readonly reachesTemporal?: boolean } = {},
  ): Promise<boolean> {
    const { address, reachesTemporal } = change
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_instances')
      .set({
        seen_at: databaseNow(this.engine),
        ...(address !== undefined && { address }),
        ...(reachesTemporal !== undefined && { reaches_temporal: reachesTemporal ? 1 : 0 }),
      })
      .where('instance_id', '=', instanceId)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async end(instanceId: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_instances')
      .set({ ended_at: databaseNow(this.engine) })
      .where('instance_id', '=', instanceId)
      .where('ended_at', 'is', null)
      .execute()
  }

  /** All that are known, also those that ended not long ago; the latest first. */
  async list(leaseMs = instanceLeaseMs): Promise<SeenInstance[]> {
    const rows = await this.db
      .selectFrom('wikifarm_instances')
      .selectAll()
      .select(databaseNow(this.engine).as('now'))
      .orderBy('began_at', 'desc')
      .orderBy('instance_id')
      .execute()
    return rows.map(({ now, ...row }) => {
      const silentMs = Math.max(Number(now) - row.seen_at, 0)
      return { ...row, silentMs, alive: row.ended_at === null && silentMs <= leaseMs }
    })
  }

  /** Forgets those that nothing was heard of for so long. */
  async forget(silentMs: number): Promise<void> {
    await this.db
      .deleteFrom('wikifarm_instances')
      .where('seen_at', '<', (where) => where(databaseNow(this.engine), '-', silentMs))
      .execute()
  }
}
