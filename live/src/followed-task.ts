/**
 * A task's log as all its readers in this process share it: one subscription to its wake-ups, and one query for
 * all who ask for the same part of the log at the same time. Nothing is kept for a reader that is slow: it asks
 * again from where it stands.
 */
import type { LiveEvents } from './live-events.ts'

/** An event as it was committed: `json` goes out byte for byte. */
export interface StoredEvent {
  readonly seq: number
  readonly json: string
  readonly type: string
}

export type EventsAfter = (taskId: string, seq: number, limit: number) => Promise<readonly StoredEvent[]>

/** A part of the log, and how many wake-ups there had been when the store was asked for it. */
export interface Part {
  readonly events: readonly StoredEvent[]
  readonly wakes: number
}

export class FollowedTask {
  readonly #read: (seq: number) => Promise<readonly StoredEvent[]>
  readonly #unsubscribe: () => void
  readonly #parts = new Map<number, Promise<Part>>()
  readonly #waiting = new Set<() => void>()
  #wakes = 0
  readers = 0

  constructor(taskId: string, live: LiveEvents, eventsAfter: EventsAfter, limit: number) {
    this.#read = async (seq) => eventsAfter(taskId, seq, limit)
    this.#unsubscribe = live.subscribe(taskId, () => this.#wake())
  }

  /** The events after `seq`; a query that is under way is shared, and may have started before the last wake-up. */
  async eventsAfter(seq: number): Promise<Part> {
    const underWay = this.#parts.get(seq)
    if (underWay !== undefined) return underWay
    const wakes = this.#wakes
    const part = this.#read(seq)
      .then((events) => ({ events, wakes }))
      .finally(() => this.#parts.delete(seq))
    this.#parts.set(seq, part)
    return part
  }

  /** Resolves when there has been a wake-up since that part was asked for, or the signal is aborted. */
  async wokenSince({ wakes }: Part, signal: AbortSignal): Promise<void> {
    if (wakes !== this.#wakes || signal.aborted) return
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go)
        this.#waiting.delete(go)
        resolve()
      }
      signal.addEventListener('abort', go)
      this.#waiting.add(go)
    })
  }

  close(): void {
    this.#unsubscribe()
  }

  #wake(): void {
    this.#wakes++
    for (const go of [...this.#waiting]) go()
  }
}
