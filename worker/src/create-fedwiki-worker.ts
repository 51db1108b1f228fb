import { Worker } from '@temporalio/worker'
import { fedWikiQueue } from '@wikistead/contracts'
import { createFedWikiActivities, type FedWikiDeps } from '@wikistead/fedwiki'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface FedWikiWorkerOptions extends WorkerPlace {
  readonly fedwiki: FedWikiDeps
}

/** Runs what asks the farm; only where a farm is set up. */
export async function createFedWikiWorker(options: FedWikiWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...workerSettings(options),
    taskQueue: fedWikiQueue,
    activities: createFedWikiActivities(options.fedwiki),
  })
}
