import { createHash } from 'node:crypto'
import { Repository } from '../database/repository.ts'

/** Codes in place of a second factor that is lost, each once. Only hashes are kept. */
export class RecoveryCodes extends Repository {
  /** Those of before end. */
  async replace(userId: number, codes: readonly string[]): Promise<void> {
    await this.removeAllOf(userId)
    if (codes.length === 0) return
    const now = this.now()
    await this.db
      .insertInto('wikifarm_recovery_codes')
      .values(codes.map((code) => ({ code_hash: hashOf(userId, code), user_id: userId, created_at: now })))
      .execute()
  }

  async count(userId: number): Promise<number> {
    const { left } = await this.db
      .selectFrom('wikifarm_recovery_codes')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow()
    return Number(left)
  }

  /** Uses the code up; false: it is none of this user's, or was used before. */
  async take(userId: number, code: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_recovery_codes')
      .where('code_hash', '=', hashOf(userId, code))
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  async removeAllOf(userId: number): Promise<void> {
    await this.db.deleteFrom('wikifarm_recovery_codes').where('user_id', '=', userId).execute()
  }
}

/** As they are written: in any case, with or without hyphens and blanks. */
const hashOf = (userId: number, code: string): string =>
  createHash('sha256')
    .update(`${String(userId)}/${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`)
    .digest('hex')
