import type { Next, ActivityExecuteInput, ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { toActivityFailure, type AttemptInfo } from '@wikistead/tasks/activity-failure'

/** Every activity's errors leave through one door. */
export class FailureInterceptor implements ActivityInboundCallsInterceptor {
  readonly #info: AttemptInfo

  constructor(info: AttemptInfo) {
    this.#info = info
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input)
    } catch (error) {
      throw toActivityFailure(error, this.#info)
    }
  }
}
