/**
 * A task's events from the API, each once and in order, over as many connections as it takes: every one goes on after
 * the last event that arrived. It ends after the `status` of the task's latest life.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { TaskEvent } from '@wikistead/contracts'
import type { ApiClient } from './api-client.ts'
import { CommandFailure } from './errors.ts'

export interface ReceivedEvent {
  /** Its place in the task's log, from 1. */
  readonly id: number
  readonly event: TaskEvent
}

export interface FollowOptions {
  /** The last event that is known already; default 0. */
  readonly after?: number
  /** Ends the following; the task goes on. */
  readonly signal?: AbortSignal
  /** How long the API may stay away; default 60,000. */
  readonly patienceMs?: number
  /** How long the task itself may be unknown, e.g. a sync that is about to begin; default 0. */
  readonly unknownForMs?: number
  /** Hears, once a time, that the connection is lost, and that it is back. */
  readonly onConnection?: (state: 'lost' | 'back') => void
}

/** The API sends a comment every 15 s: longer silence is a connection that is dead and does not know it. */
const silenceMs = 40_000
/** A connection that held this long was a good one. */
const steadyMs = 1_000
const firstDelayMs = 100
const longestDelayMs = 2_000

export async function* followTask(
  api: ApiClient,
  taskId: string,
  options: FollowOptions = {},
): AsyncGenerator<ReceivedEvent> {
  const { patienceMs = 60_000, unknownForMs = 0, onConnection = () => undefined } = options
  const signal = options.signal ?? new AbortController().signal
  const began = performance.now()
  let last = options.after ?? 0
  let ended = false
  let heardAt = began
  let delayMs = firstDelayMs
  let state: 'new' | 'lost' | 'back' = 'new'
  for (;;) {
    let openedAt: number | undefined
    try {
      for await (const received of readEvents(api, taskId, last, signal)) {
        if (received === 'open') {
          openedAt = performance.now()
          if (state === 'lost') onConnection((state = 'back'))
          continue
        }
        heardAt = performance.now()
        delayMs = firstDelayMs
        last = received.id
        ended = received.event.type === 'status'
        yield received
      }
      // After the last status the API has nothing more to say; anything else is a stream that was cut.
      if (ended) return
    } catch (error) {
      signal.throwIfAborted()
      const now = performance.now()
      const mayAppear = isUnknownTask(error) && now - began < unknownForMs
      if (isFinal(error) && !mayAppear) throw error
      if (mayAppear || (openedAt !== undefined && now - openedAt > steadyMs)) heardAt = now
      if (now - heardAt > patienceMs) throw error
    }
    if (openedAt !== undefined && state !== 'lost') onConnection((state = 'lost'))
    await sleep(delayMs, undefined, { signal })
    delayMs = Math.min(delayMs * 2, longestDelayMs)
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof CommandFailure && error.exit !== 'unreachable' && error.exit !== 'fault'

const isUnknownTask = (error: unknown): boolean =>
  error instanceof CommandFailure && error.details.code === 'task_not_found'

/** What was told of the task until now. @throws CommandFailure as the client does */
export async function* eventsSoFar(api: ApiClient, taskId: string): AsyncGenerator<ReceivedEvent> {
  for await (const received of readEvents(api, taskId, 0, new AbortController().signal, true)) {
    if (received !== 'open') yield received
  }
}

/** One connection: `open` when it stands, then its events. */
async function* readEvents(
  api: ApiClient,
  taskId: string,
  after: number,
  signal: AbortSignal,
  soFar = false,
): AsyncGenerator<ReceivedEvent | 'open'> {
  const { createParser } = await import('eventsource-parser')
  const silent = new AbortController()
  const timer = setTimeout(() => {
    silent.abort(new Error('the connection went silent'))
  }, silenceMs)
  const received: ReceivedEvent[] = []
  const parser = createParser({
    onEvent({ id, data }) {
      const event = parsed(data)
      if (event !== undefined) received.push({ id: Number(id), event })
    },
  })
  try {
    const body = await api.events(taskId, after, AbortSignal.any([signal, silent.signal]), { soFar })
    yield 'open'
    const decoder = new TextDecoder()
    for await (const chunk of body) {
      timer.refresh()
      parser.feed(decoder.decode(chunk, { stream: true }))
      yield* received.splice(0)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined for what a later version tells besides: it is not for this one. */
function parsed(data: string): TaskEvent | undefined {
  try {
    return TaskEvent.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}
