/** This machine as one host of the MediaWiki farm: a worker on its queue, and a lease that says that it is alive. */
import { join } from 'node:path'
import { createHostWorker } from '@wikistead/worker'
import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import {
  forgetScriptsOfEnded,
  prepareSharedCodeCache,
  renewPubwikiValues,
  type MediaWikiDeps,
} from '@wikistead/mediawiki'
import type { Metrics } from '@wikistead/metrics'
import { SetupError } from '@wikistead/processes/setup-error'
import type { Store } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import { configuredRunner, databaseServer } from '../parts/mediawiki-engine.ts'
import { hubSlug } from '../parts/mediawiki-rules.ts'
import { hubValues } from '../parts/service-trust.ts'
import type { RunningWorker } from './worker-process.ts'
import { resolvePhpUser } from '../parts/php-user.ts'

export interface HostParts {
  readonly host: string
  readonly store: Store
  readonly connection: NativeConnection
  readonly namespace: string
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  readonly identity?: string
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
}

const beatEveryMs = 5_000
const forgetScriptsEveryMs = 10_000

/** Resolves when the host takes tasks. @throws SetupError for a setting that is missing or cannot be used */
export async function runHost(config: Config, parts: HostParts): Promise<RunningWorker> {
  const { host, store, connection, namespace, logger, identity, interceptors } = parts
  await using started = new AsyncDisposableStack()
  const phpUser = await resolvePhpUser(config.wikifarmPhpUser)
  const runner = started.use(configuredRunner(config, phpUser))
  await renewHub(config)
  const deps = hostDeps(config, parts)
  const { wikis } = deps.folders
  const sharedCodeEnv =
    runner.kind === 'host' ? await prepareSharedCodeCache(join(wikis, '.php'), wikis, phpUser) : undefined
  const mediawiki = { ...deps, runner, phpUser, sharedCodeEnv }
  const worker = await createHostWorker({
    ...{ host, connection, namespace, mediawiki },
    ...(identity !== undefined && { identity }),
    ...(interceptors !== undefined && { interceptors }),
  })
  const beat = async (): Promise<void> => {
    await store.hosts.beat(host, config.wikifarmHostCapacity ?? null)
  }
  await beat()
  const timer = setInterval(() => {
    beat().catch((error: unknown) => {
      logger.warn({ err: error, host }, 'the host could not say that it is alive; it tries again')
    })
  }, beatEveryMs)
  started.defer(() => clearInterval(timer))
  started.use(forgetScripts(mediawiki))
  const ended = worker.run()
  // Whoever waits for it hears of it; until then it is no unhandled rejection.
  ended.catch(() => undefined)
  started.defer(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await ended.catch(() => undefined)
  })
  const running = started.move()
  return { ended, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Now, and ever so often: a task may be closed while its host is away. */
function forgetScripts(deps: MediaWikiDeps): AsyncDisposable {
  const stopping = new AbortController()
  let looking: Promise<void> | undefined
  const look = (): void => {
    looking ??= forgetScriptsOfEnded(deps, stopping.signal)
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, 'scripts of ended tasks could not be looked for; it is tried again')
      })
      .finally(() => {
        looking = undefined
      })
  }
  look()
  const timer = setInterval(look, forgetScriptsEveryMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stopping.abort()
      await looking
    },
  }
}

/** The hub's extension follows the settings: another address, or another secret. */
async function renewHub(config: Config): Promise<void> {
  const { wikifarmDir, wikiSharedDbName } = config
  const values = hubValues(config)
  if (wikifarmDir === undefined || wikiSharedDbName === undefined || values === undefined) return
  await renewPubwikiValues(join(wikifarmDir, hubSlug(wikiSharedDbName)), values)
}

function hostDeps(
  config: Config,
  { store, metrics, logger }: HostParts,
): Omit<MediaWikiDeps, 'runner' | 'phpUser'> {
  const { wikifarmDir, wikifarmOauthDir, wikifarmTemplate, wikiRootHost, wikiDbHost, storeUrl } = config
  const { opensearchEndpoint, redisServer } = config
  if (
    wikifarmDir === undefined ||
    wikifarmOauthDir === undefined ||
    wikifarmTemplate === undefined ||
    wikiRootHost === undefined ||
    wikiDbHost === undefined
  ) {
    throw new SetupError('The MediaWiki engine is off: set wikifarm-dir, and what goes with it.')
  }
  return {
    ...{ store, log: logger, server: databaseServer(config) },
    folders: { wikis: wikifarmDir, oauth: wikifarmOauthDir, template: wikifarmTemplate },
    oauthForPhp: config.wikifarmContainerOauthDir ?? wikifarmOauthDir,
    hubValues: hubValues(config),
    search: config.wikifarmSearch,
    install: config.wikifarmInstall,
    undoWindowMs: config.mediawikiUndoWindow,
    reservedDatabases: storeUrl.engine === 'mariadb' ? [storeUrl.database] : [],
    farm: {
      ...{ rootHost: wikiRootHost, dbHost: wikiDbHost, sharedDatabase: config.wikiSharedDbName },
      ...(opensearchEndpoint !== undefined && {
        openSearch: {
          endpoint: opensearchEndpoint,
          user: config.opensearchUser,
          password: config.opensearchPassword?.reveal(),
        },
      }),
      ...(redisServer !== undefined && {
        redis: { url: redisServer, password: config.redisPassword?.reveal() },
      }),
    },
    onPhaseEnd: (end) => {
      metrics.phaseEnded(end)
    },
  }
}
