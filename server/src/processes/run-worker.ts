/** `wikistead worker`: workflows and activities alone, against a store and a Temporal that others run. */
import { hostname } from 'node:os'
import process from 'node:process'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { createMetrics } from '@wikistead/metrics'
import { SetupError } from '@wikistead/processes'
import type { HousekeepingOptions } from '@wikistead/worker'
import { connectWorker, openClient } from '../temporal/connect-temporal.ts'
import type { Environment } from '../parts/environment.ts'
import { configuredFarm, openFarm } from '../parts/fedwiki-engine.ts'
import { runHost } from './mediawiki-host.ts'
import { serveMetrics } from './serve-metrics.ts'
import { openLive } from '../parts/open-live.ts'
import { namedTemporal, type TemporalPlace } from '../temporal/temporal-place.ts'
import { openConfiguredStore, poolSizes } from '../parts/open-store.ts'
import { logTemporal } from '../temporal/quiet-temporal.ts'
import { runWorker, type RunningWorker } from './worker-process.ts'

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
  opened.use(openLive(config, store, false))
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
  const worker = opened.use(await (host === undefined ? runForAll() : runForHost(host)))
  if (config.workerMetricsPort !== undefined)
    opened.use(await serveMetrics(metrics, config.workerMetricsPort))
  const running = opened.move()
  return { ended: worker.ended, [Symbol.asyncDispose]: () => running.disposeAsync() }

  async function runForAll(): Promise<RunningWorker> {
    const client = opened.adopt(openClient(place as TemporalPlace), ({ connection }) => connection.close())
    return runWorker(config, { ...{ store, connection, client, farm, logger, metrics }, ...extras })
  }

  function runForHost(host: string): Promise<RunningWorker> {
    const { interceptors } = extras
    const identity = `wikistead-host-${host}-${String(process.pid)}@${hostname()}`
    const { namespace } = place as TemporalPlace
    return runHost(config, {
      ...{ host, store, connection, namespace, logger, metrics, identity },
      ...(interceptors !== undefined && { interceptors }),
    })
  }
}
