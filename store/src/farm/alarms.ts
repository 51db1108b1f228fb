import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { AlarmRow } from '../database/tables.ts'

export interface NewAlarm {
  /** Stable, e.g. `sync_untrusted`. */
  readonly code: string
  /** What it is about: a domain, a task, a schedule. */
  readonly subject: string
  readonly message: string
  /** What clears it. */
  readonly mend: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Standing troubles: one open record for each code and subject, until its rule clears it. */
export class Alarms extends Repository {
  /** Raises the alarm, or renews its words when it is open. True when it was not open before. */
  async raise(alarm: NewAlarm): Promise<boolean> {
    const { code, subject } = alarm
    const { message, mend, detail = {} } = hideSecretsIn({ ...alarm })
    const openKey = keyOf(code, subject)
    const renewed = await this.db
      .updateTable('wikifarm_alarms')
      .set({ message, mend, detail: JSON.stringify(detail) })
      .where('open_key', '=', openKey)
      .executeTakeFirst()
    if (renewed.numUpdatedRows > 0n) return false
    try {
      await this.db
        .insertInto('wikifarm_alarms')
        .values({
          ...{
            code,
            subject,
            message,
            mend,
            open_key: openKey,
            confirmed: null,
            cleared_at: null,
            times: null,
          },
          detail: JSON.stringify(detail),
          since: this.now(),
        })
        .execute()
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }

  async clear(code: string, subject: string): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_alarms')
      .set({ open_key: null, cleared_at: this.now() })
      .where('open_key', '=', keyOf(code, subject))
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async find(code: string, subject: string): Promise<AlarmRow | undefined> {
    return this.db
      .selectFrom('wikifarm_alarms')
      .selectAll()
      .where('open_key', '=', keyOf(code, subject))
      .executeTakeFirst()
  }

  /** An operator accepts what the alarm tells of now, and no more than that. */
  async confirm(code: string, subject: string): Promise<boolean> {
    const alarm = await this.find(code, subject)
    if (alarm === undefined) return false
    await this.db
      .updateTable('wikifarm_alarms')
      .set({ confirmed: alarm.detail })
      .where('alarm_id', '=', alarm.alarm_id)
      .execute()
    return true
  }

  async open(code?: string): Promise<AlarmRow[]> {
    // What is open has a key; asked so, it is found by it on SQLite, too.
    let query = this.db.selectFrom('wikifarm_alarms').selectAll().where('open_key', '>', '')
    if (code !== undefined) query = query.where('code', '=', code)
    return query.orderBy('since').limit(1000).execute()
  }

  async recent(): Promise<AlarmRow[]> {
    return this.db.selectFrom('wikifarm_alarms').selectAll().orderBy('alarm_id', 'desc').limit(200).execute()
  }
}

export const keyOf = (code: string, subject: string): string => `${code} ${subject}`.slice(0, 255)
