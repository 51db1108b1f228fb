import { Worker } from '@temporalio/worker'
import { hostQueue } from '@wikistead/contracts'
import { createMediaWikiActivities, type MediaWikiDeps } from '@wikistead/mediawiki'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface HostWorkerOptions extends WorkerPlace {
  /** The host's name: it serves the queue of that host only. */
  readonly host: string
  readonly mediawiki: MediaWikiDeps
}

/** Runs what touches one host's disk and containers. */
export async function createHostWorker(options: HostWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...workerSettings(options),
    taskQueue: hostQueue(options.host),
    activities: createMediaWikiActivities(options.mediawiki),
  })
}
