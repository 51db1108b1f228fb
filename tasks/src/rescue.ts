/**
 * A killed worker's activities would be missed only when their heartbeats run out. Whoever holds the lock of the data
 * folder knows that its predecessor is dead, and may say so at once. Never call this without that lock.
 */
import { ActivityNotFoundError, type Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { Store } from '@wikistead/store'
import { WorkflowRuns } from './workflow-runs.ts'

/** Fails what the dead predecessor had started, so that it is tried again now. Returns how many activities. */
export async function rescue(store: Store, client: Client): Promise<number> {
  const runs = new WorkflowRuns(client)
  let rescued = 0
  for (const { task_id: taskId } of await store.tasks.openUntouchedSince(Number.MAX_SAFE_INTEGER)) {
    const description = await runs.describe(taskId)
    if (description?.status.name !== 'RUNNING') continue
    await client.workflowService.resetStickyTaskQueue({
      namespace: client.options.namespace,
      execution: { workflowId: taskId, runId: description.runId },
    })
    for (const { activityId, state } of description.raw.pendingActivities ?? []) {
      if (Number(state) !== pendingStateStarted || typeof activityId !== 'string') continue
      try {
        await client.activity.fail(
          { workflowId: taskId, runId: description.runId, activityId },
          ApplicationFailure.create({
            message: 'The worker was lost.',
            type: 'worker_lost',
            nextRetryDelay: 1,
          }),
        )
        rescued += 1
      } catch (error) {
        if (!(error instanceof ActivityNotFoundError)) throw error
      }
    }
  }
  return rescued
}

/** `PENDING_ACTIVITY_STATE_STARTED` */
const pendingStateStarted = 2
