/** `wikistead worker`: workflows and activities alone, against a store and a Temporal that others run. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { createMetrics } from '@wikistead/metrics'
import { SetupError } from '@wikistead/processes'
import type { HousekeepingOptions } from '@wikistead/worker'
import { connectWorker, namedTemporal, openClient } from './connect-temporal.ts'
import type { Environment } from './environment.ts'
import { configuredFarm, openFarm } from './fedwiki-engine.ts'
import { serveMetrics } from './serve-metrics.ts'
import { openLive } from './open-live.ts'
import { openConfiguredStore } from './open-store.ts'
import { logTemporal } from './quiet-temporal.ts'
import { runWorker, type RunningWorker } from './worker-process.ts'

export interface WorkerExtras {
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
  readonly housekeeping?: HousekeepingOptions
}

export async function runWorkerAlone(
  config: Config,
  { env, logger }: Environment,
  extras: WorkerExtras = {},
): Promise<RunningWorker> {
  const place = namedTemporal(config, env)
  if (place === undefined) {
    throw new SetupError(
      'No Temporal is named. Set temporal-address, or run `wikistead start`, which brings its own.',
    )
  }
  const door = configuredFarm(config)
  if (door === undefined) {
    throw new SetupError(
      'A worker needs a farm to work on: set fedwiki-farm-url, fedwiki-admin-host and fedwiki-admin-token.',
    )
  }
  const metrics = createMetrics()
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openConfiguredStore(config))
  opened.use(openLive(config, store, false))
  const farm = opened.use(openFarm(config, door))
  const stopping = new AbortController()
  logTemporal(logger)
  const connection = await connectWorker(
    place,
    (error) => {
      logger.warn({ err: error }, 'Temporal does not answer yet')
    },
    stopping.signal,
  )
  opened.defer(() => connection.close())
  const client = openClient(place)
  opened.defer(() => client.connection.close())
  const worker = opened.use(
    await runWorker(config, {
      ...{ store, connection, client, farm, logger, metrics },
      ...extras,
    }),
  )
  if (config.workerMetricsPort !== undefined)
    opened.use(await serveMetrics(metrics, config.workerMetricsPort))
  const running = opened.move()
  return { ended: worker.ended, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
