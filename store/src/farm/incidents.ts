import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import { keyOf, type NewAlarm } from './alarms.ts'

export interface Incident extends NewAlarm {
  /** When it happened; it may be written later. */
  readonly at: number
  /** False for who only notices that it is so still: default true. */
  readonly counts?: boolean
}

/** What begins again so soon is the same trouble. */
const oneTroubleMs = 600_000

/** What broke and heals by itself: alarms that have a begin, an end and a count of how often it happened between. */
export class Incidents extends Repository {
  /** Opens it; counts once more where it is open, or ended a few minutes ago. */
  async begin({ at, counts = true, ...incident }: Incident): Promise<void> {
    const { code, subject } = incident
    const { message, mend, detail = {} } = hideSecretsIn({ ...incident })
    const words = { message, mend, detail: JSON.stringify(detail) }
    const openKey = keyOf(code, subject)
    for (;;) {
      const last = await this.db
        .selectFrom('wikifarm_alarms')
        .select(['alarm_id', 'open_key', 'cleared_at', 'times'])
        .where('code', '=', code)
        .where('subject', '=', subject)
        .orderBy('alarm_id', 'desc')
        .limit(1)
        .executeTakeFirst()
      const isSame = last !== undefined && (last.cleared_at === null || at - last.cleared_at <= oneTroubleMs)
      try {
        if (!isSame) {
          await this.db
            .insertInto('wikifarm_alarms')
            .values({
              ...{ code, subject, ...words, open_key: openKey, confirmed: null, cleared_at: null },
              ...{ since: at, times: 1 },
            })
            .execute()
          return
        }
        const times = (last.times ?? 1) + (counts ? 1 : 0)
        const { numUpdatedRows } = await this.db
          .updateTable('wikifarm_alarms')
          .set({ ...words, open_key: openKey, cleared_at: null, times })
          .where('alarm_id', '=', last.alarm_id)
          .where('times', last.times === null ? 'is' : '=', last.times)
          .executeTakeFirst()
        if (numUpdatedRows > 0n) return
      } catch (error) {
        // Somebody else noticed it at the same moment.
        if (!isDuplicate(error)) throw error
      }
    }
  }

  /** True when it was open. */
  async end(code: string, subject: string, at: number): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_alarms')
      .set({ open_key: null, cleared_at: at })
      .where('open_key', '=', keyOf(code, subject))
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}
