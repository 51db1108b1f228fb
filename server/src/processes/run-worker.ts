/** `wikistead worker`: workflows and activities alone, against a store and a Temporal that others run. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { createMetrics } from '@wikistead/metrics'
import { SetupError } from '@wikistead/processes'
import type { HousekeepingOptions } from '@wikistead/worker'
import { connectWorker, openClient } from '../temporal/connect-temporal.ts'
import { cacheFolder } from '../parts/cache-folder.ts'
import type { Environment } from '../parts/environment.ts'
import { configuredFarm, openFarm } from '../parts/fedwiki-engine.ts'
import { runHost } from './mediawiki-host.ts'
import { serveMetrics } from './serve-metrics.ts'
import { openDispatcher } from '../parts/open-dispatcher.ts'
import { beginInstance } from '../parts/instance.ts'
import { wikiDatabaseHealth } from '../parts/mediawiki-engine.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { openLive } from '../parts/open-live.ts'
import { namedTemporal } from '../temporal/temporal-place.ts'
import { openConfiguredStore, poolSizes } from '../parts/open-store.ts'
import { logTemporal } from '../temporal/quiet-temporal.ts'
import type { RunningWorker } from './running-workers.ts'
import { takeOver } from './take-over.ts'
import { runWorker } from './worker-process.ts'

export interface WorkerExtras {
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
  readonly housekeeping?: HousekeepingOptions
}

/**
 * With `host` it is that host of the MediaWiki farm, and serves its queue only.
 * @throws SetupError for a setting that is missing or cannot be used
 */
export async function runWorkerAlone(
  config: Config,
  { env, logger }: Environment,
  extras: WorkerExtras = {},
  host?: string,
): Promise<RunningWorker> {
  const place = namedTemporal(config, env)
  if (place === undefined) {
    throw new SetupError(
      'No Temporal is named. Set temporal-address, or run `wikistead start`, which brings its own.',
    )
  }
  // A host of MediaWiki wikis never speaks to the farm, and need not have its token.
  const door = host === undefined ? configuredFarm(config) : undefined
  if (host === undefined && door === undefined && config.wikifarmDir === undefined) {
    throw new SetupError(
      'A worker needs a farm to work on: set fedwiki-farm-url, fedwiki-admin-host and fedwiki-admin-token, or for MediaWiki wikifarm-dir and what goes with it.',
    )
  }
  const metrics = createMetrics()
  await using opened = new AsyncDisposableStack()
  const store = opened.use(
    await openConfiguredStore(config, host === undefined ? poolSizes.worker : poolSizes.host),
  )
  const watch = opened.use(new PartWatch(logger))
  watch.writeTo(store)
  if (host !== undefined) opened.use(watch.look(() => wikiDatabaseHealth(config)))
  const instance = opened.use(
    await beginInstance(config, store, { role: host === undefined ? 'worker' : 'host', host }, logger, watch),
  )
  opened.use(openLive(config, store))
  const farm = door === undefined ? undefined : opened.use(openFarm(config, door))
  const stopping = new AbortController()
  logTemporal(logger, config.temporalMetricsPort)
  const connection = await connectWorker(
    place,
    ({ what, mend }) => {
      logger.warn({ mend }, `waiting for Temporal: ${what}`)
    },
    stopping.signal,
  )
  opened.defer(() => connection.close())
  const client = opened.adopt(openClient(place), ({ connection }) => connection.close())
  const dispatcher = opened.use(openDispatcher(config, { store, client, logger }))
  await takeOver(store, client, instance, logger)
  const worker = opened.use(await (host === undefined ? runForAll() : runForHost(host)))
  if (config.workerMetricsPort !== undefined)
    opened.use(await serveMetrics(metrics, config.workerMetricsPort))
  const running = opened.move()
  return {
    ended: Promise.race([worker.ended, instance.lost]),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }

  function runForAll(): Promise<RunningWorker> {
    return runWorker(config, {
      ...{ store, connection, client, dispatcher, farm, logger, metrics, instance },
      cacheFolder: cacheFolder(env, config.dataFolder),
      ...extras,
    })
  }

  function runForHost(host: string): Promise<RunningWorker> {
    const { interceptors } = extras
    const { namespace } = client.options
    return runHost(config, {
      ...{ host, store, connection, namespace, logger, metrics, instance },
      ...(interceptors !== undefined && { interceptors }),
    })
  }
}
