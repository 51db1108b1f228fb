/**
 * Live events without anything beside the store: at every tick one query asks how far the logs have come that
 * somebody in this process listens to. A task that is seen for the first time is woken in any case: its listener
 * may have read before the last event came.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveEvents } from './live-events.ts'
import { WakeUps } from './wake-ups.ts'

export interface TailingOptions {
  /** The highest `seq` of each task's log; tasks without one may be left out. */
  readonly lastSeqs: (taskIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** From one answer to the next question; default 100. */
  readonly intervalMs?: number
}

export interface TailingLive extends LiveEvents {
  /** Asks at once, and from then on at this interval; undefined means the one it was made with. */
  pace(intervalMs: number | undefined): void
}

export function tailingLive(options: TailingOptions): TailingLive {
  return new StoreTail(options)
}

const tasksAQuery = 500
const longestIntervalMs = 5_000
const patienceMs = 5_000

class StoreTail implements TailingLive {
  readonly #lastSeqs: TailingOptions['lastSeqs']
  readonly #ownIntervalMs: number
  readonly #wakeUps = new WakeUps()
  #intervalMs: number
  #seen: ReadonlyMap<string, number> = new Map()
  #failures = 0
  #cause = ''
  #askingSince: number | undefined
  #disposed = false
  #running: Promise<void> | undefined
  /** Counts calls of `pace`, so that one which comes during a query is not forgotten. */
  #paced = 0
  #endPause = () => {}

  constructor({ lastSeqs, intervalMs = 100 }: TailingOptions) {
    this.#lastSeqs = lastSeqs
    this.#ownIntervalMs = intervalMs
    this.#intervalMs = intervalMs
  }

  readonly health = () => {
    const silentMs = this.#askingSince === undefined ? 0 : performance.now() - this.#askingSince
    if (silentMs > patienceMs) {
      return { ok: false, detail: `the store has not answered for ${Math.round(silentMs / 1_000)} s` }
    }
    return this.#failures === 0
      ? { ok: true, detail: `asking the store every ${this.#intervalMs} ms` }
      : { ok: false, detail: `the store cannot be asked: ${this.#cause}` }
  }

  publish(taskId: string): void {
    this.#wakeUps.wake(taskId)
  }

  subscribe(taskId: string, wake: () => void): () => void {
    const unsubscribe = this.#wakeUps.subscribe(taskId, wake)
    if (!this.#disposed) this.#running ??= this.#tail()
    return () => {
      unsubscribe()
      if (this.#wakeUps.isEmpty) this.#endPause()
    }
  }

  pace(intervalMs: number | undefined): void {
    this.#intervalMs = intervalMs ?? this.#ownIntervalMs
    this.#paced++
    this.#endPause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    this.#wakeUps.clear()
    this.#endPause()
    // A question under way may end before the store is closed; one that never ends holds nothing up.
    const over = new AbortController()
    await Promise.race([this.#running, sleep(1_000, undefined, { signal: over.signal }).catch(() => {})])
    over.abort()
  }

  async #tail(): Promise<void> {
    let paced = this.#paced
    while (!this.#wakeUps.isEmpty) {
      if (paced === this.#paced) await this.#pause()
      paced = this.#paced
      if (this.#wakeUps.isEmpty) break
      await this.#ask()
    }
    this.#seen = new Map()
    this.#failures = 0
    this.#running = undefined
  }

  async #ask(): Promise<void> {
    const taskIds = this.#wakeUps.taskIds
    const seen = new Map<string, number>()
    this.#askingSince = performance.now()
    try {
      for (let from = 0; from < taskIds.length; from += tasksAQuery) {
        const some = taskIds.slice(from, from + tasksAQuery)
        const lastSeqs = await this.#lastSeqs(some)
        for (const taskId of some) {
          const seq = lastSeqs.get(taskId) ?? 0
          seen.set(taskId, seq)
          if (this.#seen.get(taskId) !== seq) this.#wakeUps.wake(taskId)
        }
      }
      this.#seen = seen
      this.#failures = 0
    } catch (error) {
      // What has been woken may be woken again.
      this.#failures++
      this.#cause = error instanceof Error ? error.message : String(error)
    }
    this.#askingSince = undefined
  }

  async #pause(): Promise<void> {
    const backOff = 2 ** Math.min(this.#failures, 16)
    const ms = Math.min(this.#intervalMs * backOff, Math.max(longestIntervalMs, this.#intervalMs))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#endPause = () => {}
  }
}
