import { inspect } from 'node:util'

/** A value that is never printed: only `reveal()` and `all()` give it, every other way of showing it says `[secret]`. */
export class Secret {
  readonly #values: () => readonly string[]

  /** @param values as they are at the time: the one to use first, at least one */
  constructor(values: string | (() => readonly string[])) {
    this.#values = typeof values === 'string' ? () => [values] : values
    Object.freeze(this)
  }

  reveal(): string {
    return this.#values()[0] ?? ''
  }

  /** Every one that counts: two while one takes the place of the other, the new one first. */
  all(): readonly string[] {
    return this.#values()
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
