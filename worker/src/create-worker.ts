import { Worker, type ActivityInterceptorsFactory, type NativeConnection } from '@temporalio/worker'
import { workflowQueue } from '@wikistead/contracts'
import { createFedWikiActivities, type FedWikiDeps } from '@wikistead/fedwiki'
import { FailureInterceptor } from './failure-interceptor.ts'
import { heartbeat } from './heartbeat.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly fedwiki: FedWikiDeps
  /** Who this worker is in Temporal's eyes. */
  readonly identity?: string
  /** Of `workflowBundle`. */
  readonly workflowBundlePath: string
  /** Stand around every activity, outside of our own. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
}

/** The process that runs workflows and activities, with the settings that were measured to be good. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { connection, namespace, fedwiki, identity, workflowBundlePath, interceptors = [] } = options
  return Worker.create({
    connection,
    namespace,
    taskQueue: workflowQueue,
    activities: createFedWikiActivities(fedwiki),
    ...(identity !== undefined && { identity }),
    workflowBundle: { codePath: workflowBundlePath },
    interceptors: {
      activity: [...interceptors, heartbeat, ({ info }) => ({ inbound: new FailureInterceptor(info) })],
    },
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 100,
    maxConcurrentActivityTaskExecutions: 8,
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  })
}
