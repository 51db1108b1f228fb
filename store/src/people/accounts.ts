import { Refusal } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { AccountRow } from '../database/tables.ts'

export interface NewAccount {
  readonly userId: number
  /** By which they sign in; nobody else's, in whatever case it is written. */
  readonly name: string
  readonly mail?: string | null
  readonly passwordHash?: string | null
}

export type AccountChange = Partial<Pick<AccountRow, 'password_hash' | 'totp_secret' | 'totp_since'>>

/** How people sign in without a provider. */
export class Accounts extends Repository {
  /** @throws Refusal `account_name_taken` for the name and for the address of mail */
  async add({ userId, name, mail = null, passwordHash = null }: NewAccount): Promise<AccountRow> {
    const now = this.now()
    try {
      await this.db
        .insertInto('wikifarm_accounts')
        .values({
          ...{ user_id: userId, name, name_key: accountKey(name) },
          ...{ mail, mail_key: mail === null ? null : accountKey(mail), password_hash: passwordHash },
          ...{ totp_secret: null, totp_since: null, totp_step: null, created_at: now, changed_at: now },
        })
        .execute()
    } catch (error) {
      throw isDuplicate(error) ? taken() : error
    }
    return this.get(userId)
  }

  async find(userId: number): Promise<AccountRow | undefined> {
    return this.db
      .selectFrom('wikifarm_accounts')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst()
  }

  /** @throws Refusal `account_not_found` */
  async get(userId: number): Promise<AccountRow> {
    const row = await this.find(userId)
    if (row !== undefined) return row
    throw new Refusal('account_not_found', 'There is no account of this farm for that.')
  }

  /** By their name, or by their address of mail. */
  async byName(nameOrMail: string): Promise<AccountRow | undefined> {
    const column = nameOrMail.includes('@') ? 'mail_key' : 'name_key'
    return this.db
      .selectFrom('wikifarm_accounts')
      .selectAll()
      .where(column, '=', accountKey(nameOrMail))
      .executeTakeFirst()
  }

  async change(userId: number, change: AccountChange): Promise<void> {
    await this.db
      .updateTable('wikifarm_accounts')
      .set({ ...change, changed_at: this.now() })
      .where('user_id', '=', userId)
      .execute()
  }

  /** By a name of one's own choice. @throws Refusal `account_name_taken` */
  async rename(userId: number, name: string): Promise<void> {
    try {
      await this.db
        .updateTable('wikifarm_accounts')
        .set({ name, name_key: accountKey(name), changed_at: this.now() })
        .where('user_id', '=', userId)
        .execute()
    } catch (error) {
      throw isDuplicate(error) ? taken() : error
    }
  }

  /** Uses up the code of that step of time; false: it, or a later one, was used before. */
  async takeTotpStep(userId: number, step: number): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_accounts')
      .set({ totp_step: step })
      .where('user_id', '=', userId)
      .where((where) => where.or([where('totp_step', 'is', null), where('totp_step', '<', step)]))
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

/** As names and addresses are compared: whoever writes them otherwise means the same. */
export const accountKey = (written: string): string => written.normalize('NFKC').toLowerCase()

const taken = (): Refusal =>
  new Refusal('account_name_taken', 'Somebody signs in by this name or address already. Choose another.')
