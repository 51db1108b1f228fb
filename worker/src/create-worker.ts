import { Worker } from '@temporalio/worker'
import { workflowQueue } from '@wikistead/contracts'
import { createFedWikiActivities, type FedWikiDeps } from '@wikistead/fedwiki'
import type { Store } from '@wikistead/store'
import { createTaskActivities } from '@wikistead/tasks/close-task'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface WorkerOptions extends WorkerPlace {
  readonly store: Store
  /** Undefined while the engine is off. */
  readonly fedwiki: FedWikiDeps | undefined
  /** Of `workflowBundle`. */
  readonly workflowBundlePath: string
}

/** Runs workflows, and the activities that any machine can do. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { store, fedwiki, workflowBundlePath } = options
  return Worker.create({
    ...workerSettings(options),
    taskQueue: workflowQueue,
    activities: {
      ...createTaskActivities({ store }),
      ...(fedwiki !== undefined && createFedWikiActivities(fedwiki)),
    },
    workflowBundle: { codePath: workflowBundlePath },
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 100,
  })
}
