import { Context } from '@temporalio/activity'

/** Tells Temporal every second that this attempt lives; that is also how it hears of a cancellation. */
export async function withHeartbeat<T>(act: () => Promise<T>): Promise<T> {
  const context = Context.current()
  const beat = setInterval(() => {
    context.heartbeat()
  }, 1_000)
  try {
    return await act()
  } finally {
    clearInterval(beat)
  }
}
