import type { NativeConnection } from '@temporalio/worker'

const answerWithinMs = 3_000

/** `TASK_QUEUE_TYPE_ACTIVITY` */
const ofActivities = 2

/** Asks Temporal for a queue, over the connection that its worker polls by. @throws when it does not answer */
export async function askQueue(connection: NativeConnection, namespace: string, name: string): Promise<void> {
  await connection.withDeadline(Date.now() + answerWithinMs, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: ofActivities,
    }),
  )
}
