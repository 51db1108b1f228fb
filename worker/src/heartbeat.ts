import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** Tells Temporal every second that an attempt lives; that is also how an attempt hears of a cancellation. */
export const heartbeat: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const beat = setInterval(() => {
        context.heartbeat()
      }, 1_000)
      try {
        return await next(input)
      } finally {
        clearInterval(beat)
      }
    },
  },
})
