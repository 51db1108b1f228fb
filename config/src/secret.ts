import { inspect } from 'node:util'
import { learnSecret } from '@wikistead/contracts/hide-secrets'

/**
 * A value that is never printed: only `reveal()` and `all()` give it, every other way of showing it says `[secret]`. Whoever
 * makes one has it hidden in whatever this process tells.
 */
export class Secret {
  readonly #values: () => readonly string[]
  /** That holds it; undefined when it was given otherwise. */
  readonly file: string | undefined

  /** @param values as they are at the time: the one to use first, at least one */
  constructor(values: string | (() => readonly string[]), file?: string) {
    this.file = file
    this.#values = typeof values === 'string' ? () => [values] : values
    for (const value of this.#values()) learnSecret(value)
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
