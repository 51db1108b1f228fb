/**
 * The FedWiki activities with the founding document's two retry policies, and one for what must not fail. All of them
 * beat (see the worker's `heartbeat.ts`), so that a killed worker is missed in five seconds. They wait for a worker that
 * has the farm.
 */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import { farmManagerApiError } from '@wikistead/contracts/fedwiki-workflows'
import { fedWikiQueue, fedWikiUndoQueue } from '@wikistead/contracts/states'
import type { FedWikiActivities } from '@wikistead/fedwiki'

/** Calls to the farm's API. */
export const farm = proxyActivities<FedWikiActivities>({
  taskQueue: fedWikiQueue,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '5 minutes',
    maximumAttempts: 8,
    nonRetryableErrorTypes: [farmManagerApiError],
  },
})

/** Fast work in our own database. */
export const local = proxyActivities<FedWikiActivities>({
  taskQueue: fedWikiQueue,
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '30 seconds',
    maximumAttempts: 3,
  },
})

/** Undoing: tried for ten minutes, then left to the sweeper. What hangs at the farm fills none of its slots. */
export const undoing = proxyActivities<FedWikiActivities>({
  taskQueue: fedWikiUndoQueue,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
})
