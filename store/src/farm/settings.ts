import { Repository } from '../database/repository.ts'

/** Single facts that outlive a process, such as the Temporal namespace's id. */
export class Settings extends Repository {
  async get(name: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.value
  }

  /** Changes what is there, or `initial`, while nobody else can; only inside a transaction. */
  async change(name: string, initial: string, change: (value: string) => string): Promise<void> {
    // What is not there could not be held.
    if (this.engine === 'mariadb') {
      await this.db.insertInto('wikifarm_settings').ignore().values({ name, value: initial }).execute()
    }
    const query = this.db.selectFrom('wikifarm_settings').select('value').where('name', '=', name)
    const held = await this.locked(query).executeTakeFirst()
    await this.set(name, change(held?.value ?? initial))
  }

  /** In one statement: inside a transaction it also holds the setting until that ends. */
  async set(name: string, value: string): Promise<void> {
    const insert = this.db.insertInto('wikifarm_settings').values({ name, value })
    await (
      this.engine === 'mariadb'
        ? insert.onDuplicateKeyUpdate({ value })
        : insert.onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    ).execute()
  }

  /** The names that begin so. */
  async namesBelow(prefix: string): Promise<string[]> {
    const rows = await this.db
      .selectFrom('wikifarm_settings')
      .select('name')
      .where('name', 'like', `${prefix}%`)
      .execute()
    // To LIKE an underscore is any letter.
    return rows.map(({ name }) => name).filter((name) => name.startsWith(prefix))
  }

  /** The value that it had, which is gone. */
  async take(name: string): Promise<string | undefined> {
    const value = await this.get(name)
    if (value === undefined) return undefined
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_settings')
      .where('name', '=', name)
      .executeTakeFirst()
    return numDeletedRows > 0n ? value : undefined
  }
}
