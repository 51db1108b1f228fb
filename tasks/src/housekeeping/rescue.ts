/**
 * A killed worker's activities would be missed only when their heartbeats run out. Whoever stands in its place knows that
 * it is dead, and may say so at once. Of the activities of others nothing is touched: two copies of one would run.
 */
import { ActivityNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { Store } from '@wikistead/store'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

/**
 * Fails what the dead had started, so that it is tried again now. Returns how many activities.
 *
 * @param dead Temporal's names for their workers
 */
export async function rescue(store: Store, client: Client, dead: ReadonlySet<string>): Promise<number> {
  if (dead.size === 0) return 0
  const runs = new WorkflowRuns(client)
  let rescued = 0
  for await (const taskIds of openTasks(store)) {
    const counts = await Promise.all(taskIds.map(rescueTask))
    rescued += counts.reduce((sum, count) => sum + count, 0)
  }
  return rescued

  async function rescueTask(taskId: string): Promise<number> {
    const description = await runs.describe(taskId)
    if (description?.status.name !== 'RUNNING') return 0
    const orphans = orphansOf(description, dead)
    if (orphans.length === 0) return 0
    const { runId } = description
    // It waits a second for the dead one before another worker may have it.
    await client.workflowService.resetStickyTaskQueue({
      namespace: client.options.namespace,
      execution: { workflowId: taskId, runId },
    })
    const failed = await Promise.all(
      orphans.map((activityId) => fail(client, { workflowId: taskId, runId, activityId })),
    )
    return failed.filter(Boolean).length
  }
}

/** Which activities of a workflow the dead had begun and not ended. */
function orphansOf({ raw }: Pick<WorkflowExecutionDescription, 'raw'>, dead: ReadonlySet<string>): string[] {
  return (raw.pendingActivities ?? []).flatMap(({ activityId, state, lastWorkerIdentity }) =>
    Number(state) === pendingStateStarted &&
    typeof activityId === 'string' &&
    dead.has(lastWorkerIdentity ?? '')
      ? [activityId]
      : [],
  )
}

async function fail(
  client: Client,
  activity: { readonly workflowId: string; readonly runId: string; readonly activityId: string },
): Promise<boolean> {
  const failure = { message: 'The worker was lost.', type: 'worker_lost', nextRetryDelay: 1 }
  try {
    await client.activity.fail(activity, ApplicationFailure.create(failure))
    return true
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false
    throw error
  }
}

/** So many are asked about at once. */
const atOnce = 20

async function* openTasks(store: Store): AsyncGenerator<readonly string[]> {
  for (let after = ''; ;) {
    const taskIds = await store.tasks.openAfter(after, atOnce)
    const last = taskIds.at(-1)
    if (last === undefined) return
    yield taskIds
    after = last
  }
}

/** `PENDING_ACTIVITY_STATE_STARTED` */
const pendingStateStarted = 2
