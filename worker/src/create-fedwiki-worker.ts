import { Worker } from '@temporalio/worker'
import { fedWikiQueue, fedWikiUndoQueue, lanes, placesIn } from '@wikistead/contracts'
import { createFedWikiActivities, createFedWikiUndoActivities, type FedWikiDeps } from '@wikistead/fedwiki'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface FedWikiWorkerOptions extends WorkerPlace {
  readonly fedwiki: FedWikiDeps
  /** How many sites the farm is asked to make at once. */
  readonly creations: number
}

/** What asks the farm, only where a farm is set up; and, with slots that nothing which hangs there can fill, what undoes. */
export async function createFedWikiWorkers(options: FedWikiWorkerOptions): Promise<readonly Worker[]> {
  const { fedwiki, creations } = options
  return Promise.all([
    Worker.create({
      ...workerSettings(options, fedwiki.store),
      taskQueue: fedWikiQueue,
      // Undoing too, for workflows that releases before have begun.
      activities: createFedWikiActivities(fedwiki),
      maxConcurrentActivityTaskExecutions: slotsFor(creations),
    }),
    Worker.create({
      ...workerSettings(options, fedwiki.store),
      taskQueue: fedWikiUndoQueue,
      activities: createFedWikiUndoActivities(fedwiki),
      maxConcurrentActivityTaskPolls: 2,
    }),
  ])
}

/** All who have their turn at once, and the sync, which has no lane. */
const slotsFor = (creations: number): number =>
  lanes.reduce((sum, lane) => sum + placesIn(lane, creations), 2)
