/**
 * Holds rows of the audit log against their seals, and the seals against each other: seal by seal from anywhere in the
 * chain, so that a log of any length is checked in little memory. Whoever has the rows has only to bring them.
 */
import { printOf, type Line } from './canonical.ts'
import { beginning, entriesOf, hashOf, idOf, type Seal, type SealKey, type SealPlace } from './seal.ts'

export type FindingKind =
  /** A row is not what was sealed. */
  | 'changed'
  /** A row that was sealed is not there. */
  | 'removed'
  /** A row is there that no seal knows, among those that are sealed. */
  | 'added'
  /** A seal is not what was made, or does not follow the one before it. */
  | 'broken'
  /** A seal was made with a key that is not at hand, so that its hash says nothing. */
  | 'unknown_key'
  /** A seal without a key after one with a key. */
  | 'without_key'

export interface Finding {
  readonly kind: FindingKind
  readonly seal: number
  /** The rows, where it is about rows. */
  readonly ids: readonly number[]
  readonly message: string
}

export class SealCheck {
  readonly #keys: ReadonlyMap<string, SealKey>
  readonly #findings: Finding[] = []
  /** Rows that no seal so far has named, by their id, with the seal that had gone past them. */
  readonly #unnamed = new Map<number, number>()
  #last: SealPlace & { readonly keyed: boolean }
  #rows = 0
  #late = 0

  constructor(keys: readonly SealKey[] = [], after: SealPlace & { readonly keyed?: boolean } = beginning) {
    this.#keys = new Map(keys.map((key) => [key.id, key]))
    this.#last = { keyed: false, ...after }
  }

  get last(): SealPlace {
    return this.#last
  }

  /** How many rows were found as they were sealed. */
  get rows(): number {
    return this.#rows
  }

  /** How many of all came after rows with higher ids were sealed. */
  get late(): number {
    return this.#late
  }

  get findings(): readonly Finding[] {
    return this.#findings
  }

  /** Whether rows were met that no seal so far has named. */
  get hasUnnamed(): boolean {
    return this.#unnamed.size > 0
  }

  /**
   * The next seal, with all rows that are there between the one before and `up_to`, and those below that it names.
   */
  take(seal: Seal, rows: readonly Line[]): void {
    this.#checkSeal(seal)
    const entries = entriesOf(seal)
    const there = new Map(rows.map((row) => [idOf(row), row]))
    const changed: number[] = []
    const removed: number[] = []
    for (const [id, print] of entries) {
      this.#unnamed.delete(id)
      const row = there.get(id)
      if (row === undefined) removed.push(id)
      else if (printOf(row) === print) this.#rows += 1
      else changed.push(id)
    }
    for (const id of there.keys()) if (!entries.has(id)) this.#unnamed.set(id, seal.seal)
    this.#find('changed', seal, changed, 'not as sealed')
    this.#find('removed', seal, removed, 'sealed, and gone')
    this.#late += seal.late
    this.#last = { seal: seal.seal, hash: seal.hash, up_to: seal.up_to, keyed: seal.key_id !== null }
  }

  /** What is left when all seals were taken; or, in the middle of a chain, with the late ones that later seals name. */
  finish(namedLater: ReadonlySet<number> = new Set()): readonly Finding[] {
    const bySeal = Map.groupBy(
      [...this.#unnamed].filter(([id]) => !namedLater.has(id)),
      ([, seal]) => seal,
    )
    for (const [seal, unnamed] of bySeal) {
      const ids = unnamed.map(([id]) => id)
      this.#find('added', { seal }, ids, 'in no seal, though rows after them are sealed')
    }
    this.#unnamed.clear()
    return this.#findings
  }

  #checkSeal(seal: Seal): void {
    const { seal: before, hash, up_to: upTo, keyed } = this.#last
    const broken = (what: string) => {
      this.#findings.push({
        ...{ kind: 'broken', seal: seal.seal, ids: [] },
        message: `Seal ${String(seal.seal)} ${what}.`,
      })
    }
    if (seal.seal !== before + 1) broken(`follows seal ${String(before)}: those between are gone`)
    else if (seal.previous !== hash) {
      broken(
        before === 0 ? 'is not the first that was made' : `does not follow seal ${String(before)} as it is`,
      )
    }
    if (seal.up_to < upTo) broken('ends before the one before it')
    if (seal.row_count !== entriesOf(seal).size) broken('has not as many rows as it says')
    this.#checkHash(seal, keyed, broken)
  }

  #checkHash(seal: Seal, keyed: boolean, broken: (what: string) => void): void {
    const told = `Seal ${String(seal.seal)}`
    const key = seal.key_id === null ? undefined : this.#keys.get(seal.key_id)
    if (seal.key_id !== null && key === undefined) {
      const message = `${told} was made with the key ${seal.key_id}, which is not at hand.`
      this.#findings.push({ kind: 'unknown_key', seal: seal.seal, ids: [], message })
      return
    }
    if (seal.key_id === null && keyed) {
      const message = `${told} was made without a key, and the one before it with one.`
      this.#findings.push({ kind: 'without_key', seal: seal.seal, ids: [], message })
    }
    if (hashOf(seal, key) !== seal.hash) broken('is not what was made: its hash is another')
  }

  #find(kind: FindingKind, { seal }: Pick<Seal, 'seal'>, ids: readonly number[], what: string): void {
    if (ids.length === 0) return
    const message = `${ids.length === 1 ? 'Row' : 'Rows'} ${inRanges(ids)} (seal ${String(seal)}): ${what}.`
    this.#findings.push({ kind, seal, ids, message })
  }
}

const mostRanges = 10

/** `3, 5–9, 12` */
export function inRanges(ids: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const id of ids.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1)
    if (range?.[1] === id - 1) range[1] = id
    else ranges.push([id, id])
  }
  const some = ranges
    .slice(0, mostRanges)
    .map(([a, b]) => (a === b ? String(a) : `${String(a)}–${String(b)}`))
  const more = ranges.length > mostRanges ? [`and more, ${String(ids.length)} in all`] : []
  return [...some, ...more].join(', ')
}
