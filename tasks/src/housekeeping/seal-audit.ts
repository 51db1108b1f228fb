/**
 * Seals what is new in the audit log, in batches: a chain that each write made would be a line in which all writers wait.
 * It goes on from the seal that this process made or saw last, whatever became of that in the store: a chain that somebody
 * cut off or made anew shows a break there for ever.
 */
import { performance } from 'node:perf_hooks'
import {
  beginning,
  idOf,
  makeSeal,
  type Seal,
  type SealKey,
  type SealPlace,
} from '@wikistead/contracts/audit-seals'
import type { Store } from '@wikistead/store'
import { SettledIds } from './settled-ids.ts'

export interface SealingOptions {
  readonly key?: SealKey | undefined
  /** How long an id must have been seen before what is below it is sealed. */
  readonly settleMs?: number
  readonly rowsAtOnce?: number
}

/** Twice as long as a statement may take. */
const settleMs = { sqlite: 0, mariadb: 60_000 } as const
/** The store's own note of where the chain is. */
const headNote = 'audit_head'

export class AuditSealer {
  readonly #store: Store
  readonly #key: SealKey | undefined
  readonly #rowsAtOnce: number
  readonly #ids: SettledIds
  /** The last seal that this process knows of. */
  #known: SealPlace = beginning

  constructor(store: Store, options: SealingOptions = {}) {
    this.#store = store
    this.#key = options.key
    this.#rowsAtOnce = options.rowsAtOnce ?? 500
    this.#ids = new SettledIds(options.settleMs ?? settleMs[store.engine])
  }

  /**
   * Seals all that is settled, and with it those rows that came late. Returns what is wrong with the end of the chain, if
   * anything is.
   */
  async seal(late: readonly number[], signal?: AbortSignal): Promise<string | undefined> {
    const { audit } = this.#store
    const newest = await audit.newestId()
    const settled = this.#ids.see(newest, performance.now())
    const { place, wrong = endedEarly(newest, place) } = await this.#end()
    let after = place
    let rest = late
    while (signal?.aborted !== true) {
      const inOrder = await audit.between(after.up_to, settled, this.#rowsAtOnce)
      const rows = [...(await audit.withIds(rest)), ...inOrder]
      if (rows.length === 0) break
      const last = inOrder.at(-1)
      const upTo = last === undefined ? after.up_to : idOf(last)
      const seal = makeSeal(after, rows, { at: this.#store.now(), upTo, key: this.#key })
      // Somebody else keeps house, too, or did a moment ago: the next round goes on from there.
      if (!(await this.#add(seal))) break
      this.#known = after = placeOf(seal)
      rest = []
    }
    return wrong
  }

  /** Where the chain goes on. */
  async #end(): Promise<{ readonly place: SealPlace; readonly wrong?: string }> {
    const { auditSeals, settings } = this.#store
    const noted = placeIn(await settings.get(headNote))
    const known = noted !== undefined && noted.seal > this.#known.seal ? noted : this.#known
    const head = await auditSeals.head()
    const same = head === undefined || known.seal === 0 ? undefined : await auditSeals.atOrBefore(known.seal)
    if (known.seal === 0 || (same?.seal === known.seal && same.hash === known.hash)) {
      this.#known = head === undefined ? beginning : placeOf(head)
      return { place: this.#known }
    }
    const place = {
      seal: Math.max(known.seal, head?.seal ?? 0),
      hash: known.hash,
      // What is there now is sealed again: with what, the break before it tells.
      up_to: head?.up_to ?? 0,
    }
    const wrong = `Seal ${String(known.seal)} (${known.hash}) was the newest, and is gone or another.`
    return { place, wrong }
  }

  async #add(seal: Seal): Promise<boolean> {
    return this.#store.transaction(async ({ auditSeals, settings }) => {
      const head = await auditSeals.head()
      if ((head?.seal ?? 0) >= seal.seal || !(await auditSeals.add(seal))) return false
      await settings.set(headNote, JSON.stringify(placeOf(seal)))
      return true
    })
  }
}

/** Ids only grow, also past rows that never came to be. */
const endedEarly = (newest: number, { up_to: upTo }: SealPlace): string | undefined =>
  newest >= upTo
    ? undefined
    : `Rows up to ${String(upTo)} were sealed, and the newest that is there is row ${String(newest)}.`

const placeOf = ({ seal, hash, up_to }: Seal): SealPlace => ({ seal, hash, up_to })

/** What somebody wrote there by hand is no note. */
function placeIn(note: string | undefined): SealPlace | undefined {
  try {
    const { seal, hash, up_to } = JSON.parse(note ?? '') as Partial<SealPlace>
    const isWhole = typeof seal === 'number' && typeof hash === 'string' && typeof up_to === 'number'
    return isWhole ? { seal, hash, up_to } : undefined
  } catch {
    return undefined
  }
}
