import type { LiveEvents } from './live-events.ts'
import { WakeUps } from './wake-ups.ts'

/** Nothing but the wake-ups: whoever publishes and whoever listens are in one process. */
export function inProcessLive(): LiveEvents {
  const wakeUps = new WakeUps()
  return {
    publish: (taskId) => wakeUps.wake(taskId),
    subscribe: (taskId, wake) => wakeUps.subscribe(taskId, wake),
    health: () => ({ ok: true, detail: 'within this process' }),
    [Symbol.asyncDispose]: async () => wakeUps.clear(),
  }
}
