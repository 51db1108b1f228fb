import type { TaskEventStream } from '@wikistead/live'
import { comment, formatEvent } from './sse.ts'

/** A task's log as SSE frames: what is stored after the cursor, then what comes, unless that is not to be followed; a comment every so often. */
export async function* taskFrames(
  events: TaskEventStream,
  taskId: string,
  lastEventId: number,
  signal: AbortSignal,
  { follow = true, heartbeatMs = 15_000 }: { readonly follow?: boolean; readonly heartbeatMs?: number } = {},
): AsyncGenerator<string> {
  yield comment('open')
  const following = events.follow(taskId, lastEventId, signal, { wait: follow })
  let next = following.next()
  try {
    while (!signal.aborted) {
      const result = await withinMs(next, heartbeatMs)
      if (result === undefined) {
        yield comment('still here')
        continue
      }
      if (result.done === true) return
      const { seq, type, json } = result.value
      yield formatEvent({ id: String(seq), event: type, data: json })
      next = following.next()
    }
  } finally {
    // A pending next() would keep return() waiting; the signal ends it.
    void following.return().catch(() => undefined)
  }
}

/** What the promise gives, or undefined when that takes longer. */
async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
