import type { Next, ActivityExecuteInput, ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { toActivityFailure } from '@wikistead/tasks/activity-failure'

/** Every activity's errors leave through one door. */
export class FailureInterceptor implements ActivityInboundCallsInterceptor {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input)
    } catch (error) {
      throw toActivityFailure(error)
    }
  }
}
