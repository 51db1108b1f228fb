/** What stands behind `GET /v1/tasks/{id}/events`: a task's log from any point on, and then as it grows. */
import { FollowedTask, type EventsAfter, type StoredEvent } from './followed-task.ts'
import type { LiveEvents } from './live-events.ts'

export interface TaskEventStreamOptions {
  readonly live: LiveEvents
  /** Reads the store: events with a `seq` above the given one, in order. */
  readonly eventsAfter: EventsAfter
  /** How many events one query takes; default 200. */
  readonly limit?: number
}

export class TaskEventStream {
  readonly #options: Required<TaskEventStreamOptions>
  readonly #tasks = new Map<string, FollowedTask>()

  constructor({ live, eventsAfter, limit = 200 }: TaskEventStreamOptions) {
    this.#options = { live, eventsAfter, limit }
  }

  /** How many streams are open. */
  get readers(): number {
    return this.#tasks.values().reduce((sum, task) => sum + task.readers, 0)
  }

  /**
   * Every event after the one with `afterSeq` (0: all of them), in order and once each. Ends after a `status` that
   * nothing follows in the store, also when that is the one with `afterSeq`; and when the signal is aborted, at
   * once. A cursor that the log does not reach is not this log's: it is replayed from its start. Rejects when the
   * store does. Without `wait` it also ends where the log does.
   */
  async *follow(
    taskId: string,
    afterSeq: number,
    signal: AbortSignal,
    { wait = true }: { readonly wait?: boolean } = {},
  ): AsyncGenerator<StoredEvent, void, void> {
    const { limit } = this.#options
    const task = this.#enter(taskId)
    try {
      // Read from one before: the event at the cursor tells whether it was the last of its life.
      let cursor = Math.max(afterSeq - 1, 0)
      let given = afterSeq
      let ended = false
      while (!signal.aborted) {
        const part = await untilAborted(task.eventsAfter(cursor), signal)
        if (part === undefined) return
        if (part.events.length === 0 && cursor < given) {
          cursor = given = 0
          continue
        }
        for (const event of part.events) {
          cursor = event.seq
          ended = event.type === 'status'
          if (event.seq > given) yield event
          if (signal.aborted) return
        }
        // Only the store can say that nothing follows a status; and a part that is full may not be all.
        if (part.events.length === 0 && ended) return
        if (ended || part.events.length === limit) continue
        if (!wait) return
        await task.wokenSince(part, signal)
      }
    } finally {
      this.#leave(taskId, task)
    }
  }

  #enter(taskId: string): FollowedTask {
    const { live, eventsAfter, limit } = this.#options
    const task = this.#tasks.get(taskId) ?? new FollowedTask(taskId, live, eventsAfter, limit)
    this.#tasks.set(taskId, task)
    task.readers++
    return task
  }

  #leave(taskId: string, task: FollowedTask): void {
    task.readers--
    if (task.readers > 0) return
    task.close()
    this.#tasks.delete(taskId)
  }
}

/** What the promise gives, or undefined as soon as the signal is aborted. Leaves nothing behind on the signal. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>()
  const abort = () => resolve(undefined)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
