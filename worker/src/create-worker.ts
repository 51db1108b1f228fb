import { Worker, type ActivityInterceptorsFactory, type NativeConnection } from '@temporalio/worker'
import { workflowQueue } from '@wikistead/contracts'
import { createFedWikiActivities, type FedWikiDeps } from '@wikistead/fedwiki'
import { FailureInterceptor } from './failure-interceptor.ts'
import { workflowsPath } from './workflow-bundle.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly fedwiki: FedWikiDeps
  /** Who this worker is in Temporal's eyes. */
  readonly identity?: string
  /** Made ahead of time; without it the sources are bundled now, which takes a second. */
  readonly workflowBundlePath?: string | undefined
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
    ...(workflowBundlePath === undefined
      ? { workflowsPath }
      : { workflowBundle: { codePath: workflowBundlePath } }),
    interceptors: { activity: [...interceptors, () => ({ inbound: new FailureInterceptor() })] },
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 100,
    maxConcurrentActivityTaskExecutions: 8,
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  })
}
