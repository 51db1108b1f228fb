/** Stands in for the store in tests of what reads it: logs of tasks, and a count of the questions. */
import type { StoredEvent } from '../src/followed-task.ts'

export class MemoryLog {
  readonly #logs = new Map<string, StoredEvent[]>()
  /** Questions asked so far, by kind. */
  readonly asked = { lastSeqs: 0, eventsAfter: 0 }
  /** The most tasks that one `lastSeqs` asked about. */
  widest = 0
  /** Set to make every question fail. */
  failure: Error | undefined

  append(taskId: string, type: string, message = ''): StoredEvent {
    const log = this.#logs.get(taskId) ?? []
    this.#logs.set(taskId, log)
    const event = { seq: log.length + 1, type, json: JSON.stringify({ type, message }) }
    log.push(event)
    return event
  }

  of(taskId: string): readonly StoredEvent[] {
    return this.#logs.get(taskId) ?? []
  }

  readonly lastSeqs = async (taskIds: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    this.asked.lastSeqs++
    this.widest = Math.max(this.widest, taskIds.length)
    await this.#takeTime()
    return new Map(taskIds.map((taskId) => [taskId, this.of(taskId).length]))
  }

  readonly eventsAfter = async (
    taskId: string,
    seq: number,
    limit: number,
  ): Promise<readonly StoredEvent[]> => {
    this.asked.eventsAfter++
    const found = this.of(taskId).slice(seq, seq + limit)
    await this.#takeTime()
    return found
  }

  async #takeTime(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.failure !== undefined) throw this.failure
  }
}
