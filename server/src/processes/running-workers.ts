/** Temporal workers of this process, run together: they take tasks until they are disposed of, or one ends by itself. */
import type { Worker } from '@temporalio/worker'

export interface RunningWorker extends AsyncDisposable {
  /** Rejects when a worker ends by itself. */
  readonly ended: Promise<void>
}

export function runWorkers(workers: readonly Worker[]): RunningWorker {
  const each = workers.map((worker) => worker.run())
  const ended = Promise.all(each).then(() => undefined)
  // Whoever waits for it hears of it; until then it is no unhandled rejection.
  ended.catch(() => undefined)
  return {
    ended,
    async [Symbol.asyncDispose]() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.allSettled(each)
    },
  }
}
