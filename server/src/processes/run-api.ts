/** `wikistead api`: HTTP alone, against a store and a Temporal that others run. */
import type { Config } from '@wikistead/config'
import { createMetrics } from '@wikistead/metrics'
import type { Store } from '@wikistead/store'
import { SetupError } from '@wikistead/processes'
import { SyncControl } from '@wikistead/tasks'
import { listen, type ListeningApi } from './api-process.ts'
import { applySync } from './apply-sync.ts'
import { bootstrap } from './bootstrap.ts'
import { openConsole } from '../parts/console-files.ts'
import { openClient } from '../temporal/connect-temporal.ts'
import { requireDefaultUser } from './default-user.ts'
import { openDispatcher } from '../parts/open-dispatcher.ts'
import { configuredFarm, farmHealth, openFarm } from '../parts/fedwiki-engine.ts'
import type { Environment } from '../parts/environment.ts'
import { beginInstance } from '../parts/instance.ts'
import { openLive, openLiveWhereAlone } from '../parts/open-live.ts'
import { wikiDatabaseHealth } from '../parts/mediawiki-engine.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { namedTemporal } from '../temporal/temporal-place.ts'
import { openConfiguredStore, poolSizes } from '../parts/open-store.ts'

export interface RunningApi extends ListeningApi {
  readonly store: Store
}

/** `alone`: this process' store writes events, and mostly nobody else: nothing need be asked for them often. */
export async function runApi(
  config: Config,
  environment: Environment,
  { alone = false }: { readonly alone?: boolean } = {},
): Promise<RunningApi> {
  const { env, logger } = environment
  const place = namedTemporal(config, env)
  if (place === undefined) {
    throw new SetupError(
      'No Temporal is named. Set temporal-address, or run `wikistead start`, which brings its own.',
    )
  }
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openConfiguredStore(config, poolSizes.api))
  const watch = opened.use(new PartWatch(logger))
  watch.writeTo(store)
  const instance = opened.use(await beginInstance(config, store, { role: 'api' }, logger, watch))
  await instance.settle()
  const live = opened.use(alone ? await openLiveWhereAlone(config, store, instance) : openLive(config, store))
  const client = openClient(place)
  opened.defer(() => client.connection.close())
  opened.use(openDispatcher(config, { store, client, logger }))
  await bootstrap(store, config.dataFolder, instance)
  await requireDefaultUser(config, store)
  const door = configuredFarm(config)
  const farm = door === undefined ? undefined : opened.use(openFarm(config, door))
  if (farm !== undefined) opened.use(watch.look(() => farmHealth(farm)))
  if (config.wikiDbAdminPassword !== undefined) opened.use(watch.look(() => wikiDatabaseHealth(config)))
  const api = opened.use(
    await listen(config, {
      ...{ store, client, live, logger, metrics: createMetrics() },
      consoleFolder: await openConsole(config, environment),
      healthParts: watch.health,
    }),
  )
  await instance.tellAddress(api.url)
  opened.use(applySync(config, new SyncControl(store, client), logger))
  const running = opened.move()
  return { url: api.url, store, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
