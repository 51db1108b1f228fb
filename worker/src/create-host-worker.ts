import { Worker } from '@temporalio/worker'
import { hostQueue, indexQueue, undoQueue } from '@wikistead/contracts'
import {
  createMediaWikiActivities,
  createMediaWikiIndexActivities,
  createMediaWikiUndoActivities,
  type MediaWikiDeps,
} from '@wikistead/mediawiki'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface HostWorkerOptions extends WorkerPlace {
  /** The host's name: it serves the queues of that host only. */
  readonly host: string
  readonly mediawiki: MediaWikiDeps
  /** How many wikis it makes at once. */
  readonly creations: number
}

/** What touches one host's disk and containers; and, with slots that nothing else can fill, what takes it back. */
export async function createHostWorkers(options: HostWorkerOptions): Promise<readonly Worker[]> {
  const { host, mediawiki, creations } = options
  return Promise.all([
    Worker.create({
      ...workerSettings(options, mediawiki.store),
      taskQueue: hostQueue(host),
      // Undoing and indexing too, for workflows that releases before have begun.
      activities: createMediaWikiActivities(mediawiki),
      maxConcurrentActivityTaskExecutions: slotsFor(creations),
    }),
    Worker.create({
      ...workerSettings(options, mediawiki.store),
      taskQueue: indexQueue(host),
      activities: createMediaWikiIndexActivities(mediawiki),
      maxConcurrentActivityTaskExecutions: creations,
      maxConcurrentActivityTaskPolls: 1,
    }),
    Worker.create({
      ...workerSettings(options, mediawiki.store),
      taskQueue: undoQueue(host),
      activities: createMediaWikiUndoActivities(mediawiki),
      maxConcurrentActivityTaskPolls: 2,
    }),
  ])
}

/**
 * More than all who have their turn can need, so that none of them waits in Temporal's queue as well: two for each
 * creation (its keys are made beside its folder), one for each change and deletion, and some for what has no lane.
 */
const slotsFor = (creations: number): number => 5 * creations + 4
