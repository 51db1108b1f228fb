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

/** Runs workflows. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    ...workerSettings(options, options.store),
    taskQueue: workflowQueue,
    activities: await formerActivities(options),
    workflowBundle: { codePath: options.workflowBundlePath },
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 100,
  })
}

/**
 * Releases before the queues were parted gave every activity to this one, and what they gave is still taken. A worker
 * without the farm would fail its activities: it takes none, unless this is no FedWiki farm at all.
 */
async function formerActivities({ store, fedwiki }: WorkerOptions) {
  if (fedwiki !== undefined)
    return { ...createTaskActivities({ store }), ...createFedWikiActivities(fedwiki) }
  const [site] = await store.wikis.list({ engine: 'fedwiki', limit: 1 })
  return site === undefined ? createTaskActivities({ store }) : {}
}
