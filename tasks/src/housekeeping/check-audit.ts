/**
 * Holds the audit log against its seals, a little at a time and then again from the beginning, so that a change is noticed
 * without anybody asking; the newest seals each time.
 */
import { performance } from 'node:perf_hooks'
import { beginning, entriesOf, SealCheck, type Finding, type SealKey } from '@wikistead/contracts/audit-seals'
import { sealedRows, type Store } from '@wikistead/store'

export interface CheckingOptions {
  readonly keys?: readonly SealKey[]
  /** How long after the beginning of one pass over all the next begins, at the soonest. */
  readonly passEveryMs?: number
}

/** The store's note of the last pass over all. */
export const checkedNote = 'audit_checked'

const newestSeals = 3
const atOnce = { mostSeals: 100, mostRows: 1_000 } as const

export class AuditChecker {
  readonly #store: Store
  readonly #keys: readonly SealKey[]
  readonly #passEveryMs: number
  /** The last seal that this pass has been over. */
  #after = 0
  #began: number | undefined
  #found = new Map<string, Finding>()

  constructor(store: Store, { keys = [], passEveryMs = 600_000 }: CheckingOptions = {}) {
    this.#store = store
    this.#keys = keys
    this.#passEveryMs = passEveryMs
  }

  /** One round. Returns what is wrong in what was looked at. */
  async look(): Promise<readonly Finding[]> {
    const head = await this.#store.auditSeals.head()
    if (head === undefined) return []
    const newest = await this.#lookAfter(Math.max(0, head.seal - newestSeals))
    const all = [...newest.findings, ...(await this.#goOn(head.seal))]
    return [...new Map(all.map((finding) => [keyOf(finding), finding])).values()]
  }

  /** `head`: the newest seal as the round began. */
  async #goOn(head: number): Promise<readonly Finding[]> {
    const now = performance.now()
    if (this.#after === 0) {
      if (this.#began !== undefined && now - this.#began < this.#passEveryMs) return []
      this.#began = now
      this.#found = new Map()
    }
    const { last = head, findings } = await this.#lookAfter(this.#after)
    for (const finding of findings) this.#found.set(keyOf(finding), finding)
    this.#after = last
    if (last < head) return findings
    const { settings } = this.#store
    const checked = { at: this.#store.now(), seal: last, findings: this.#found.size }
    await settings.set(checkedNote, JSON.stringify(checked))
    this.#after = 0
    return findings
  }

  /** `last`: the number of the last seal that there was; undefined when there was none. */
  async #lookAfter(
    after: number,
  ): Promise<{ readonly last: number | undefined; readonly findings: readonly Finding[] }> {
    const { auditSeals } = this.#store
    const before = after === 0 ? undefined : await auditSeals.atOrBefore(after)
    const sealed = await sealedRows(this.#store, { after, ...atOnce })
    const start = before === undefined ? beginning : { ...before, keyed: before.key_id !== null }
    const check = new SealCheck(this.#keys, start)
    for (const { seal, rows } of sealed) check.take(seal, rows)
    const last = sealed.at(-1)?.seal.seal
    const later = last === undefined || !check.hasUnnamed ? [] : await auditSeals.withLate(last)
    return { last, findings: check.finish(new Set(later.flatMap((seal) => [...entriesOf(seal).keys()]))) }
  }
}

const keyOf = ({ kind, seal, ids }: Finding): string => `${kind} ${String(seal)} ${ids.join(',')}`
