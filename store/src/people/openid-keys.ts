import { Repository } from '../database/repository.ts'
import type { OpenidKeyRow } from '../database/tables.ts'

/** The keys that our own OpenID provider signs with: everybody may know the public half, and one data folder the other. */
export class OpenidKeys extends Repository {
  /** Those of which something may still stand, the oldest first. */
  async all(): Promise<OpenidKeyRow[]> {
    return this.db
      .selectFrom('wikifarm_openid_keys')
      .selectAll()
      .where('expires_at', '>', this.now())
      .orderBy('signs_from')
      .orderBy('kid')
      .execute()
  }

  async add(key: OpenidKeyRow): Promise<void> {
    await this.db.insertInto('wikifarm_openid_keys').values(key).execute()
  }

  async expireAt(kid: string, at: number): Promise<void> {
    await this.db.updateTable('wikifarm_openid_keys').set({ expires_at: at }).where('kid', '=', kid).execute()
  }

  async forgetExpired(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_openid_keys').where('expires_at', '<=', now).execute()
  }
}
