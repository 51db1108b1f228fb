/**
 * `wikistead start`, the embedded default: API, worker and store in this process, Temporal and a FedWiki farm as its
 * children, all under one data folder that it alone holds. It ends in the order API, worker, farm, Temporal.
 */
import { lookup } from 'node:dns/promises'
import { Client } from '@temporalio/client'
import { makeLocalLink } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { createMetrics } from '@wikistead/metrics'
import type { Store } from '@wikistead/store'
import { chooseFreePort, findTemporalCli, openDataFolder, startTemporalServer } from '@wikistead/processes'
import { SyncControl } from '@wikistead/tasks'
import { applySync } from './apply-sync.ts'
import { listen } from './api-process.ts'
import { bootstrap, type Bootstrap } from './bootstrap.ts'
import { cacheFolder } from '../parts/cache-folder.ts'
import { openConsole } from '../parts/console-files.ts'
import { connectWorker, withNamedCli } from '../temporal/connect-temporal.ts'
import { provideChildUser } from '../machine/child-users.ts'
import { plannedTemporal, temporalFolder, temporalIsOpen } from '../machine/embedded-temporal.ts'
import { requireDefaultUser } from './default-user.ts'
import { hasEmbeddedFarm, startEmbeddedFarm, type EmbeddedFarm } from '../machine/embedded-farm.ts'
import { farmClient, farmSignIn, registerFarm } from '../machine/farm-client.ts'
import { addressHere } from '../parts/address-here.ts'
import { timed, type Environment } from '../parts/environment.ts'
import { configuredFarm, farmHealth, openFarm } from '../parts/fedwiki-engine.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { wikiDatabaseHealth } from '../parts/mediawiki-engine.ts'
import { runHost } from './mediawiki-host.ts'
import { openDispatcher } from '../parts/open-dispatcher.ts'
import { beginInstance } from '../parts/instance.ts'
import { openLiveWhereAlone } from '../parts/open-live.ts'
import { namedTemporal, type TemporalPlace } from '../temporal/temporal-place.ts'
import { openConfiguredStore, storePlace } from '../parts/open-store.ts'
import { logTemporal } from '../temporal/quiet-temporal.ts'
import { tellRunning } from '../parts/running.ts'
import { takeOver } from './take-over.ts'
import { runWorker } from './worker-process.ts'

/** The host that `start` itself is. */
const localHost = 'local'

type Watched = Environment & { readonly watch: PartWatch }

export interface Started extends AsyncDisposable {
  /** Of the API. */
  readonly url: string
  readonly bootstrap: Bootstrap
  readonly farm: EmbeddedFarm | undefined
  /** Another link that signs a browser in as the local admin, once and within a quarter of an hour. */
  signInLink(): Promise<string>
  /** Rejects when the worker ends by itself. */
  readonly ended: Promise<void>
}

export async function start(given: Config, environment: Environment): Promise<Started> {
  const { logger, watch = new PartWatch(environment.logger) } = environment
  const config = await withPorts(given)
  await using started = new AsyncDisposableStack()
  started.use(openDataFolder(config.dataFolder))
  // The quickest part comes first: what it refuses is refused before a child is started.
  const store = started.use(
    await timed(
      environment,
      'store',
      () => openConfiguredStore(config),
      () => storePlace(config),
    ),
  )
  started.use(watch)
  watch.writeTo(store)
  const host = config.wikifarmDir === undefined ? undefined : localHost
  const instance = started.use(await beginInstance(config, store, { role: 'start', host }, logger, watch))
  const local = await bootstrap(store, config.dataFolder, instance)
  await requireDefaultUser(config, store)
  const [place, embeddedFarm, consoleFolder] = await settledAll([
    timed(
      environment,
      'temporal',
      () => openTemporal(config, { ...environment, watch }, started),
      (place) => place.explanation,
    ),
    openEmbeddedFarm(config, { ...environment, watch }, store, started),
    timed(
      environment,
      'console',
      () => openConsole(config, environment),
      (folder) => (folder === undefined ? 'off' : 'built'),
    ),
  ])

  const live = started.use(await openLiveWhereAlone(config, store, instance))
  const metrics = createMetrics()
  logTemporal(logger, config.temporalMetricsPort)
  const connection = await connectWorker(
    place,
    ({ what, mend }) => {
      logger.warn({ mend }, `waiting for Temporal: ${what}`)
    },
    new AbortController().signal,
  )
  started.defer(() => connection.close())
  // On the worker's own connection: a new workflow's first task need not go round by Temporal's queue.
  const client = new Client({ connection, namespace: place.namespace })

  await takeOver(store, client, instance, logger)
  const door = embeddedFarm?.door ?? configuredFarm(config)
  const farm = door === undefined ? undefined : started.use(openFarm(config, door))
  if (farm !== undefined) started.use(watch.look(() => farmHealth(farm)))
  if (host !== undefined) started.use(watch.look(() => wikiDatabaseHealth(config)))
  const dispatcher = started.use(openDispatcher(config, { store, client, logger }))
  const worker = started.use(
    await timed(
      environment,
      'worker',
      () =>
        runWorker(config, {
          ...{ store, connection, client, dispatcher, farm, metrics, logger, instance },
          cacheFolder: cacheFolder(environment.env, config.dataFolder),
        }),
      () => instance.identity,
    ),
  )
  const hostWorker =
    host === undefined
      ? undefined
      : started.use(
          await timed(
            environment,
            'host',
            () =>
              runHost(config, {
                ...{ host, store, connection, namespace: place.namespace, metrics, logger, instance },
                closes: false,
              }),
            () => host,
          ),
        )
  const api = started.use(
    await timed(
      environment,
      'api',
      () =>
        listen(config, {
          ...{ store, client, live, metrics, logger, farmPort: embeddedFarm?.door.port, eagerStart: true },
          consoleFolder,
          healthParts: watch.health,
        }),
      ({ url }) => url,
    ),
  )
  started.use(
    await tellRunning(config.dataFolder, {
      ...{ api: api.url, temporal: place.connectionOptions.address ?? '' },
      ...(embeddedFarm !== undefined && { farm: embeddedFarm.door.url }),
    }),
  )
  await instance.tellAddress(api.url)
  started.use(applySync(config, new SyncControl(store, client), logger))
  const running = started.move()
  return {
    url: api.url,
    bootstrap: local,
    farm: embeddedFarm,
    signInLink: async () => (await makeLocalLink(store, config.publicUrl ?? api.url, local.user.user_id)).url,
    ended: Promise.race([
      Promise.all([worker.ended, hostWorker?.ended]).then(() => undefined),
      instance.lost,
    ]),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function openTemporal(
  config: Config,
  { env, logger, watch, onNote = () => undefined }: Watched,
  stack: AsyncDisposableStack,
): Promise<TemporalPlace> {
  const named = namedTemporal(config, env)
  if (named !== undefined) return named
  const cli = await findTemporalCli({
    env: withNamedCli(config, env),
    cacheFolder: cacheFolder(env, config.dataFolder),
    onProgress: onNote,
  })
  const user = await provideChildUser(plannedTemporal(config, cli.path), logger)
  const server = stack.use(
    await startTemporalServer({
      ...{ cli: cli.path, folder: temporalFolder(config.dataFolder), onNote },
      ...(user !== undefined && { user }),
      closed: true,
      onChange: watch.child('temporal', { inHealth: false }),
      ...(config.temporalPort > 0 && { port: config.temporalPort }),
    }),
  )
  if (!server.isClosed) logger.warn({ mend: temporalIsOpen.mend }, temporalIsOpen.what)
  return {
    connectionOptions: { address: server.address },
    namespace: 'default',
    explanation: `${cli.explanation}, listening on ${server.address}`,
  }
}

/** The farm is told where the API is, and where it is itself, before anything listens. */
async function withPorts(config: Config): Promise<Config> {
  if (!hasEmbeddedFarm(config)) return config
  const { host, port, fedwikiFarmPort } = config
  return {
    ...config,
    port: port === 0 ? await chooseFreePort(host) : port,
    fedwikiFarmPort: fedwikiFarmPort === 0 ? await chooseFreePort('127.0.0.1') : fedwikiFarmPort,
  }
}

async function openEmbeddedFarm(
  config: Config,
  environment: Watched,
  store: Store,
  stack: AsyncDisposableStack,
): Promise<EmbeddedFarm | undefined> {
  if (!hasEmbeddedFarm(config)) return undefined
  const client = await farmClient(config)
  if (client !== undefined) await registerFarm(store, client)
  const { address } = await lookup(config.host)
  const apiUrl = addressHere({ address, port: config.port })
  const signIn = client && farmSignIn(config, client, { apiUrl, farmPort: config.fedwikiFarmPort })
  return stack.use(
    await timed(
      environment,
      'farm',
      () => startEmbeddedFarm(config, environment, signIn),
      ({ door }) => door.url,
    ),
  )
}

/** All of them, or the first failure once none is under way any more: nothing that started is forgotten. */
async function settledAll<A, B, C>(
  promises: readonly [Promise<A>, Promise<B>, Promise<C>],
): Promise<[A, B, C]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
