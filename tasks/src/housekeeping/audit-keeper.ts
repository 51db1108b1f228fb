/** What keeps the audit log honest: it is sealed, checked, and an alarm tells operators when it is not what was sealed. */
import type { Finding, SealKey } from '@wikistead/contracts/audit-seals'
import type { Store } from '@wikistead/store'
import { AuditChecker } from './check-audit.ts'
import { AuditSealer } from './seal-audit.ts'

export interface AuditKeeping {
  /** The first is what seals are made with; the others are older ones. */
  readonly keys?: readonly SealKey[]
  readonly settleMs?: number
  readonly passEveryMs?: number
}

export class AuditKeeper {
  readonly #store: Store
  readonly #sealer: AuditSealer
  readonly #checker: AuditChecker

  constructor(store: Store, { keys = [], ...options }: AuditKeeping = {}) {
    this.#store = store
    this.#sealer = new AuditSealer(store, { ...options, key: keys[0] })
    this.#checker = new AuditChecker(store, { ...options, keys })
  }

  /** One round: what somebody put among sealed rows is told, and sealed as what came late. */
  async keep(signal?: AbortSignal): Promise<void> {
    const findings = await this.#checker.look()
    const added = findings.filter(({ kind }) => kind === 'added').flatMap(({ ids }) => ids)
    const wrong = await this.#sealer.seal(added, signal)
    const told = [...(wrong === undefined ? [] : [wrong]), ...findings.map(({ message }) => message)]
    if (told.length > 0) await this.#store.alarms.raise(alarmOf(told, findings))
  }
}

const mostTold = 5

function alarmOf(told: readonly string[], findings: readonly Finding[]) {
  const more = told.length > mostTold ? [`And ${String(told.length - mostTold)} more.`] : []
  return {
    ...{ code: 'audit_changed', subject: 'audit log' },
    message: ['The audit log is not what was sealed.', ...told.slice(0, mostTold), ...more].join(' '),
    mend: 'See everything with `wikistead audit verify`, and find out who could write to the database; then clear this with `wikistead alarms --clear ID`. What still holds is raised again.',
    detail: { findings: findings.map(({ kind, seal }) => ({ kind, seal })).slice(0, 100) },
  }
}
