import { proxyActivities } from '@temporalio/workflow'
import { closingQueue } from '@wikistead/contracts/states'
import type { TaskActivities } from '@wikistead/tasks/close-task'

/** Closing a task in our own rows: tried until it is done, by any worker. */
export const bookkeeping = proxyActivities<TaskActivities>({
  taskQueue: closingQueue,
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
})
