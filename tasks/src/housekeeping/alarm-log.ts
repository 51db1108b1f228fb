import type { Store } from '@wikistead/store'
import type { StepLog } from '../step/step.ts'

/** Says each alarm once in this process' log, whoever raised it: first those that stand already, then each new one. */
export class AlarmLog {
  readonly #store: Store
  readonly #log: Pick<StepLog, 'error'>
  #told: ReadonlySet<number> = new Set()

  constructor(store: Store, log: Pick<StepLog, 'error'>) {
    this.#store = store
    this.#log = log
  }

  /** Looks for alarms that were not told yet. */
  async tell(): Promise<void> {
    const open = await this.#store.alarms.open()
    for (const { alarm_id: id, code, subject, message, mend } of open) {
      if (!this.#told.has(id)) this.#log.error({ alarm: code, subject, mend }, message)
    }
    this.#told = new Set(open.map(({ alarm_id: id }) => id))
  }
}
