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

  async set(name: string, value: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_settings').where('name', '=', name).execute()
    await this.db.insertInto('wikifarm_settings').values({ name, value }).execute()
  }
}
