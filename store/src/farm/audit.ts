import type { ActingBy } from '@wikistead/contracts'
import type { Line } from '@wikistead/contracts/audit-seals'
import { Repository } from '../database/repository.ts'
import type { AuditRow } from '../database/tables.ts'

export interface NewAuditRow {
  readonly at: number
  readonly userId: number | null
  readonly actingBy: ActingBy
  readonly action: string
  readonly subject: string
  readonly status: number
  readonly code: string | null
  readonly requestId: string
  /** Of the visitor; null for a command on the machine. */
  readonly address: string | null
  /** What the one who asked gave as a reason. */
  readonly reason?: string | undefined
}

export interface AuditFilter {
  readonly limit: number
  /** Only rows with a smaller id (newest first). */
  readonly before?: number
  readonly userId?: number
  readonly action?: string
  readonly subject?: string
}

const idsAtOnce = 500
const asLine = (row: AuditRow): Line => ({ ...row })

/** Who did what. Rows are added, and that is all: nothing here changes or removes one. */
export class Audit extends Repository {
  /** All of them or none. */
  async append(rows: readonly NewAuditRow[]): Promise<void> {
    if (rows.length === 0) return
    await this.db
      .insertInto('wikifarm_audit')
      .values(
        rows.map(({ at, userId, actingBy, action, subject, status, code, ...more }) => ({
          ...{ at, user_id: userId, acting_by: actingBy, action, status, code },
          ...{ subject: subject.slice(0, 200), request_id: more.requestId },
          ...{ address: more.address, reason: more.reason ?? null },
        })),
      )
      .execute()
  }

  async list({ limit, before, userId, action, subject }: AuditFilter): Promise<AuditRow[]> {
    let query = this.db.selectFrom('wikifarm_audit').selectAll()
    if (before !== undefined) query = query.where('audit_id', '<', before)
    if (userId !== undefined) query = query.where('user_id', '=', userId)
    // An action is ASCII, and MariaDB compares it with nothing else.
    if (action !== undefined) query = query.where('action', '=', action.replaceAll(/\P{ASCII}/gu, '?'))
    if (subject !== undefined) query = query.where('subject', '=', subject)
    return query.orderBy('audit_id', 'desc').limit(limit).execute()
  }

  /** Those after `after` and up to `upTo`, oldest first, as they are there: with whatever columns a later release added. */
  async between(after: number, upTo: number, limit?: number): Promise<Line[]> {
    let query = this.db.selectFrom('wikifarm_audit').selectAll().where('audit_id', '<=', upTo)
    // The lowest id is the database's to give; one that somebody put below it is among the first, too.
    if (after > 0) query = query.where('audit_id', '>', after)
    if (limit !== undefined) query = query.limit(limit)
    return (await query.orderBy('audit_id').execute()).map(asLine)
  }

  async withIds(ids: readonly number[]): Promise<Line[]> {
    const found: Line[] = []
    for (let at = 0; at < ids.length; at += idsAtOnce) {
      const some = ids.slice(at, at + idsAtOnce)
      const query = this.db.selectFrom('wikifarm_audit').selectAll().where('audit_id', 'in', some)
      found.push(...(await query.orderBy('audit_id').execute()).map(asLine))
    }
    return found
  }

  /** The highest id that can be seen; 0 when there is none. */
  async newestId(): Promise<number> {
    const { newest } = await this.db
      .selectFrom('wikifarm_audit')
      .select(({ fn }) => fn.max('audit_id').as('newest'))
      .executeTakeFirstOrThrow()
    return newest ?? 0
  }

  /** How many have a higher id, and when the first of them was written. */
  async after(id: number): Promise<{ readonly count: number; readonly since: number | null }> {
    const counted = await this.db
      .selectFrom('wikifarm_audit')
      .select(({ fn }) => [fn.countAll().as('count'), fn.min('at').as('since')])
      .where('audit_id', '>', id)
      .executeTakeFirstOrThrow()
    return { count: Number(counted.count), since: counted.since }
  }
}
