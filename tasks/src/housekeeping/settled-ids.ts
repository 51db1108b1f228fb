/**
 * Up to which id of the audit log no row can come any more. MariaDB gives an id when a row is written, and shows the row
 * when its transaction ends: a lower id may be seen after a higher one. A statement there ends within half a minute, so
 * what was below an id that was seen long enough ago is there, or will never be.
 */
export class SettledIds {
  readonly #afterMs: number
  #seen: readonly { readonly id: number; readonly at: number }[] = []
  #settled = 0

  /** `afterMs`: how long an id must have been seen; 0 where ids come in the order in which they are seen. */
  constructor(afterMs: number) {
    this.#afterMs = afterMs
  }

  /** The highest id that can be seen at this moment, by a clock that only goes forward. Returns the settled one. */
  see(id: number, at: number): number {
    this.#seen = [...this.#seen, { id, at }]
    const old = this.#seen.findLastIndex((seen) => at - seen.at >= this.#afterMs)
    const settled = this.#seen[old]
    if (settled !== undefined) {
      this.#settled = settled.id
      this.#seen = this.#seen.slice(old + 1)
    }
    return this.#settled
  }
}
