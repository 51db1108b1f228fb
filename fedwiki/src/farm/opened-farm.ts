/**
 * A farm opens a host with the first request for it, and until that has come to its end answers 404 pages; parallel
 * first requests would each open it anew. So one request, shared by all who wait, goes ahead after every start of the
 * farm that we notice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { abortable } from './abortable.ts'
import type { FarmAnswer, FarmConnection, FarmRequest, Operation } from './farm-connection.ts'
import { FarmFault } from './farm-error.ts'
import { failureOf, isForeign404, isTrouble } from './farm-failure.ts'

export class OpenedFarm {
  readonly #connection: FarmConnection
  /** Harmless, and answered in JSON by nothing but FarmManager. */
  readonly #first: FarmRequest
  readonly #patienceMs: number
  #opening: Promise<void> | undefined

  constructor(connection: FarmConnection, first: FarmRequest, patienceMs: number) {
    this.#connection = connection
    this.#first = first
    this.#patienceMs = patienceMs
  }

  /** As FarmConnection's; a 404 that is not FarmManager's comes back only when it came twice. */
  async ask(request: FarmRequest, operation: Operation): Promise<FarmAnswer> {
    const { answer } = await this.#twice(operation, async () => ({
      answer: await this.#connection.ask(request, operation),
    }))
    return answer
  }

  /** As FarmConnection's. */
  async stream<T>(
    request: FarmRequest,
    operation: Operation,
    timeoutMs: number,
    read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<{ readonly read: T } | { readonly answer: FarmAnswer }> {
    return this.#twice(operation, () => this.#connection.stream(request, operation, timeoutMs, read))
  }

  async #twice<T extends object>(operation: Operation, once: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      operation.signal.throwIfAborted()
      const opening = (this.#opening ??= this.#open())
      const closed = () => {
        if (this.#opening === opening) this.#opening = undefined
      }
      // Those who wait may all have left when it fails.
      opening.catch(() => {})
      await abortable(opening, operation.signal).catch((error: unknown) => {
        if (!(error instanceof FarmFault)) throw error
        closed()
        // What the opening did says nothing about this operation.
        throw new FarmFault(error.message, { ...error, mayHaveReachedFarm: operation.mayHaveReachedFarm })
      })
      const result = await once().catch((error: unknown) => {
        if (error instanceof FarmFault) closed()
        throw error
      })
      const answer = 'answer' in result ? (result.answer as FarmAnswer) : undefined
      if (answer && (isForeign404(answer) || answer.status >= 500)) closed()
      if (attempt === 2 || !answer || !isForeign404(answer)) return result
    }
  }

  async #open(): Promise<void> {
    const operation: Operation = { signal: new AbortController().signal, mayHaveReachedFarm: false }
    const deadline = performance.now() + this.#patienceMs
    for (let pauseMs = 50; ; pauseMs *= 2) {
      const answer = await this.#connection.ask(this.#first, operation)
      if (isTrouble(answer)) throw failureOf(answer, operation)
      if (!isForeign404(answer)) return
      if (performance.now() + pauseMs > deadline) throw failureOf(answer, operation)
      await sleep(pauseMs)
    }
  }
}
