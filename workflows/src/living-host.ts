/**
 * Patience with a host: what nobody began in time may only be waiting for its turn. So whoever hears that it was not begun
 * asks in our own rows, which need no host, and waits on for one that lives; only a silent one is given up.
 */
import { ActivityFailure, patched, TimeoutFailure } from '@temporalio/workflow'
import { bookkeeping } from './bookkeeping.ts'

/** Each of these activities, asked for again as long as the host lives. */
export function patientWith<Activities extends object>(host: string, activities: Activities): Activities {
  return new Proxy(activities, {
    get: (all, name) => {
      const act = Reflect.get(all, name) as (...args: unknown[]) => Promise<unknown>
      return (...args: unknown[]) => whileItLives(host, () => act(...args))
    },
  })
}

async function whileItLives<T>(host: string, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!wasNotBegun(error) || !patched(asksForHost)) throw error
      if ((await bookkeeping.AskForHostActivity({ host })) === 'silent') throw error
    }
  }
}

/** Since the second edition. */
const asksForHost = 'asks-for-host'

export const wasNotBegun = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START'
