/**
 * Follows a task to its end, whatever the network does: events from the cursor on, again from there when the stream
 * breaks, at once when the browser is back online or the tab is looked at again; and where no stream can be had, by
 * asking for the task.
 */
import type { Phase, TaskEvent } from '@wikistead/contracts'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { FarmApiError, type FarmApi } from '../farm-api.ts'
import { hasEnded, newTaskView, nextTaskView, viewOfTask, type TaskView } from './task-view.ts'

/** `polling`: no stream can be had, and the task is asked for; `offline`: the browser says so. */
export type Connection = 'connecting' | 'live' | 'polling' | 'reconnecting' | 'offline' | 'ended'

export interface FollowedTask {
  readonly view: TaskView
  readonly connection: Connection
  /** Why it cannot be followed at all. */
  readonly error: FarmApiError | undefined
}

export interface TaskFollowerOptions {
  readonly api: Pick<FarmApi, 'taskEvents' | 'getTask'>
  readonly taskId: string
  readonly plan: readonly Phase[]
  readonly onChange: (followed: FollowedTask) => void
  /** Milliseconds before the given attempt, from 1, to have the stream back. */
  readonly backOffMs?: (attempt: number) => number
  /** Silence after which a stream is taken for dead; the server comments every 15 s. */
  readonly silenceMs?: number
}

const doubled = (attempt: number): number => Math.min(500 * 2 ** (attempt - 1), 15_000)

/** From this failed attempt on the task is asked for as well. */
const pollFrom = 2

export class TaskFollower {
  readonly #options: Required<TaskFollowerOptions>
  #followed: FollowedTask
  #stop: AbortController | undefined
  #wake = (): void => undefined
  #heardAt = 0

  constructor(options: TaskFollowerOptions) {
    this.#options = { backOffMs: doubled, silenceMs: 45_000, ...options }
    this.#followed = { view: newTaskView(options.plan), connection: 'connecting', error: undefined }
  }

  get followed(): FollowedTask {
    return this.#followed
  }

  /** Also after the task ended: a retry gives it a new life. */
  start(): void {
    this.stop()
    const stop = new AbortController()
    this.#stop = stop
    const { signal } = stop
    window.addEventListener('online', () => this.#wake(), { signal })
    window.addEventListener('offline', () => this.#tell({ connection: 'offline' }), { signal })
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake(), { signal })
    this.#tell({ connection: 'connecting', error: undefined })
    void this.#follow(signal)
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = undefined
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const before = this.#followed.view.lastEventId
      try {
        await this.#readStream(signal)
        if (signal.aborted) return
        if (hasEnded(this.#followed.view)) {
          this.#tell({ connection: 'ended' })
          return
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof FarmApiError && !error.passing) {
          this.#tell({ connection: 'ended', error })
          return
        }
      }
      // A stream that brought something was a good one, however it ended.
      failures = this.#followed.view.lastEventId > before ? 1 : failures + 1
      if (navigator.onLine === false) this.#tell({ connection: 'offline' })
      else if (this.#followed.connection !== 'polling') this.#tell({ connection: 'reconnecting' })
      if (failures >= pollFrom) await this.#poll()
      if (signal.aborted) return
      if (hasEnded(this.#followed.view)) {
        this.#tell({ connection: 'ended' })
        return
      }
      await this.#wait(this.#options.backOffMs(failures), signal)
    }
  }

  /** Resolves when the stream ends, rejects when it breaks or falls silent. */
  async #readStream(signal: AbortSignal): Promise<void> {
    const { api, taskId, silenceMs } = this.#options
    const attempt = new AbortController()
    const abort = (): void => {
      attempt.abort()
    }
    signal.addEventListener('abort', abort)
    this.#heardAt = Date.now()
    const watch = setInterval(() => {
      if (Date.now() - this.#heardAt > silenceMs) abort()
    }, silenceMs / 3)
    // Timers of a hidden tab or a machine that slept come late: whoever comes back looks at once.
    this.#wake = () => {
      if (Date.now() - this.#heardAt > silenceMs / 2) abort()
    }
    try {
      const stream = await api.taskEvents(taskId, this.#followed.view.lastEventId, attempt.signal)
      this.#tell({ connection: 'live', error: undefined })
      const reader = stream
        .pipeThrough(this.#listening())
        .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
        .pipeThrough(new EventSourceParserStream())
        .getReader()
      // A body that was read already does not fail when its request is given up.
      attempt.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined))
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        this.#apply(Number(value.id), value.data)
      }
      if (attempt.signal.aborted && !signal.aborted) throw new Error('the stream fell silent')
    } finally {
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
      this.#wake = () => undefined
    }
  }

  #listening(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.#heardAt = Date.now()
        controller.enqueue(chunk)
      },
    })
  }

  #apply(id: number, data: string): void {
    if (!Number.isInteger(id)) return
    const { plan } = this.#options
    // A log that starts again is another one: the cursor was not of this one.
    const view = id <= this.#followed.view.lastEventId ? newTaskView(plan) : this.#followed.view
    this.#tell({ view: nextTaskView(view, plan, { id, event: JSON.parse(data) as TaskEvent }) })
  }

  async #poll(): Promise<void> {
    const { api, taskId } = this.#options
    if (api.getTask === undefined || navigator.onLine === false) return
    try {
      const task = await api.getTask(taskId)
      this.#tell({ connection: 'polling', view: viewOfTask(this.#followed.view, task) })
    } catch {
      this.#tell({ connection: 'reconnecting' })
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', go)
        this.#wake = () => undefined
        resolve()
      }
      const timer = setTimeout(go, ms)
      signal.addEventListener('abort', go)
      this.#wake = go
    })
  }

  #tell(change: Partial<FollowedTask>): void {
    this.#followed = { ...this.#followed, ...change }
    this.#options.onChange(this.#followed)
  }
}
