import type { Seal } from '@wikistead/contracts/audit-seals'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'

/** The chain of seals over the audit log. Like its rows they are added, and that is all. */
export class AuditSeals extends Repository {
  /** The newest. */
  async head(): Promise<Seal | undefined> {
    return this.db
      .selectFrom('wikifarm_audit_seals')
      .selectAll()
      .orderBy('seal', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  /** The one of that number; where that is gone, the one before. */
  async atOrBefore(seal: number): Promise<Seal | undefined> {
    return this.db
      .selectFrom('wikifarm_audit_seals')
      .selectAll()
      .where('seal', '<=', seal)
      .orderBy('seal', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  /** Oldest first. */
  async list({ after, limit }: { readonly after: number; readonly limit: number }): Promise<Seal[]> {
    let query = this.db.selectFrom('wikifarm_audit_seals').selectAll()
    if (after > 0) query = query.where('seal', '>', after)
    return query.orderBy('seal').limit(limit).execute()
  }

  /** Those after `after` that name rows which came late. */
  async withLate(after: number): Promise<Seal[]> {
    return this.db
      .selectFrom('wikifarm_audit_seals')
      .selectAll()
      .where('late', '>', 0)
      .where('seal', '>', after)
      .orderBy('seal')
      .execute()
  }

  /** False when there is one of that number: somebody else has sealed meanwhile. */
  async add(seal: Seal): Promise<boolean> {
    try {
      await this.db.insertInto('wikifarm_audit_seals').values(seal).execute()
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }
}
