import { Worker } from '@temporalio/worker'
import { closingQueue } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { createTaskActivities } from '@wikistead/tasks/close-task'
import { workerSettings, type WorkerPlace } from './worker-settings.ts'

export interface ClosingWorkerOptions extends WorkerPlace {
  readonly store: Store
}

/** Closes tasks in our own rows. It has places of its own, which nothing that waits for a farm or a host can fill. */
export async function createClosingWorker(options: ClosingWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...workerSettings(options, options.store),
    taskQueue: closingQueue,
    activities: createTaskActivities({ store: options.store }),
    maxConcurrentActivityTaskPolls: 2,
  })
}
