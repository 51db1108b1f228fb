/**
 * One change of a site at a time: FarmManager's are not atomic. It holds within this process; between processes the
 * store's claim on the name does the same.
 */
import { abortable } from '../farm/abortable.ts'

export class DomainLock {
  /** The end of each domain's queue. */
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `act` when all that was asked before it for this domain has ended; leaves the queue with the signal. */
  async run<T>(domain: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(domain) ?? Promise.resolve()
    const { promise: done, resolve: finish } = Promise.withResolvers<void>()
    // Who gives up waiting leaves those behind it waiting for those before it.
    const last = before.then(() => done)
    this.#last.set(domain, last)
    void last.then(() => {
      if (this.#last.get(domain) === last) this.#last.delete(domain)
    })
    try {
      await abortable(before, signal)
      return await act()
    } finally {
      finish()
    }
  }
}
