import type { ActingBy } from '@wikistead/contracts'
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
}

export interface AuditFilter {
  readonly limit: number
  /** Only rows with a smaller id (newest first). */
  readonly before?: number
  readonly userId?: number
  readonly action?: string
  readonly subject?: string
}

/** Who did what. Rows are added, and that is all: nothing here changes or removes one. */
export class Audit extends Repository {
  /** All of them or none. */
  async append(rows: readonly NewAuditRow[]): Promise<void> {
    if (rows.length === 0) return
    await this.db
      .insertInto('wikifarm_audit')
      .values(
        rows.map(({ at, userId, actingBy, action, subject, status, code, requestId }) => ({
          ...{ at, user_id: userId, acting_by: actingBy, action, status, code },
          ...{ subject: subject.slice(0, 200), request_id: requestId },
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
}
