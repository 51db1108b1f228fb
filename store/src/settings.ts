import { Repository } from './repository.ts'

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

  /** In one statement: inside a transaction it also holds the setting until that ends. */
  async set(name: string, value: string): Promise<void> {
    const insert = this.db.insertInto('wikifarm_settings').values({ name, value })
    await (
      this.engine === 'mariadb'
        ? insert.onDuplicateKeyUpdate({ value })
        : insert.onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    ).execute()
  }
}
