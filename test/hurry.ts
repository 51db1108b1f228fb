import { ApplicationFailure } from '@temporalio/client'
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker'

/**
 * Stands in for the time between attempts, which adds up to minutes: where `which` says so, an attempt that would be
 * tried again is tried at once. How often, and after what, stays the policy's.
 */
export function hurry(which: (argument: unknown) => boolean): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      async execute(input: ActivityExecuteInput, next) {
        try {
          return await next(input)
        } catch (error) {
          const again = error instanceof ApplicationFailure && error.nonRetryable !== true
          if (!again || !which(input.args[0])) throw error
          const { message, type, details } = error
          throw new ApplicationFailure(message, type, false, details, undefined, 1)
        }
      },
    },
  })
}
