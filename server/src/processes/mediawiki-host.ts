/** This machine as one host of the MediaWiki farm: a worker on its queue, and a lease that says that it is alive. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClosingWorker, createHostWorkers } from '@wikistead/worker'
import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { hostQueue } from '@wikistead/contracts'
import {
  forgetScriptsOfEnded,
  narrowRightsOfHost,
  prepareSharedCodeCache,
  renewPubwikiValues,
  type MediaWikiDeps,
} from '@wikistead/mediawiki'
import type { Metrics } from '@wikistead/metrics'
import { SetupError } from '@wikistead/processes/setup-error'
import type { Store } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import { askQueue } from '../temporal/ask-queue.ts'
import type { Instance } from '../parts/instance.ts'
import { configuredRunner, databaseServer, redisOfWikis, searchOfWikis } from '../parts/mediawiki-engine.ts'
import { hubSlug } from '../parts/mediawiki-rules.ts'
import { mediaWikiRules } from '../parts/mediawiki-rules.ts'
import { hubValues } from '../parts/service-trust.ts'
import { keepWikiLogins } from './keep-wiki-logins.ts'
import { renewPasswords } from './renew-passwords.ts'
import { runWorkers, type RunningWorker } from './running-workers.ts'
import { resolvePhpUsers } from '../parts/php-user.ts'

export interface HostParts {
  readonly host: string
  readonly store: Store
  readonly connection: NativeConnection
  readonly namespace: string
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  readonly instance: Instance
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
  /** Whether it also closes tasks, as every worker does; false beside another worker of this process. */
  readonly closes?: boolean
}

const forgetScriptsEveryMs = 10_000
const narrowRightsEveryMs = 3_600_000
/** When not all of it could be done. */
const narrowRightsAgainMs = 60_000

/** One creation takes 1.3 to 1.5 cores with what its database, Temporal and the store do for it (`npm run bench crowd`). */
const creationsAtOnce = (cores: number): number => Math.max(1, Math.floor(cores / 1.5))

/** Resolves when the host takes tasks. @throws SetupError for a setting that is missing or cannot be used */
export async function runHost(config: Config, parts: HostParts): Promise<RunningWorker> {
  const { host, store, connection, namespace, instance, interceptors } = parts
  await using started = new AsyncDisposableStack()
  const phpUsers = await resolvePhpUsers(config)
  const phpUser = phpUsers.common
  const runner = started.use(configuredRunner(config, phpUser))
  await renewHub(config)
  const deps = hostDeps(config, parts)
  const { wikis } = deps.folders
  const sharedCodeEnv =
    runner.kind === 'host' ? await prepareSharedCodeCache(join(wikis, '.php'), wikis, phpUser) : undefined
  const mediawiki = { ...deps, runner, phpUsers, sharedCodeEnv }
  const creations = config.wikifarmHostCreations ?? creationsAtOnce(availableParallelism())
  const place = {
    ...{ connection, namespace },
    identity: instance.identity,
    ...(interceptors !== undefined && { interceptors }),
  }
  const workers = await Promise.all([
    createHostWorkers({ ...place, host, mediawiki, creations }),
    ...(parts.closes === false ? [] : [createClosingWorker({ ...place, store })]),
  ])
  // A host that Temporal does not reach can do nothing for a wiki, and gets none.
  started.use(instance.askTemporal(() => askQueue(connection, namespace, hostQueue(host))))
  started.use(
    await instance.onBeat(async () => {
      if (!instance.reachesTemporal) return
      await store.hosts.beat(host, config.wikifarmHostCapacity ?? null, creations)
    }),
  )
  started.use(forgetScripts(mediawiki))
  started.use(narrowRights(deps, host))
  started.use(renewPasswords(deps, host))
  started.use(keepWikiLogins(deps, host))
  const { ended } = started.use(runWorkers(workers.flat()))
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

/** Now, and ever so often: a wiki may have been in the making by an earlier release, or somebody gave it more. */
function narrowRights(deps: Pick<MediaWikiDeps, 'store' | 'server' | 'log'>, host: string): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const narrowOnce = async (): Promise<number> => {
    try {
      await narrowRightsOfHost(deps, host, signal)
      return narrowRightsEveryMs
    } catch (error) {
      if (!signal.aborted) {
        deps.log.warn(
          { err: error },
          'not all rights that the wikis’ database users do not need could be taken away; it is tried again',
        )
      }
      return narrowRightsAgainMs
    }
  }
  const narrowing = (async () => {
    while (!signal.aborted) {
      await sleep(await narrowOnce(), undefined, { signal }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await narrowing
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
): Omit<MediaWikiDeps, 'runner' | 'phpUsers'> {
  const { wikifarmDir, wikifarmOauthDir, wikifarmTemplate, wikiRootHost, wikiDbHost, storeUrl } = config
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
    hubValues: () => hubValues(config),
    hubIssuer: mediaWikiRules(config)?.hubUrl,
    search: config.wikifarmSearch,
    install: config.wikifarmInstall,
    undoWindowMs: config.mediawikiUndoWindow,
    reservedDatabases: storeUrl.engine === 'mariadb' ? [storeUrl.database] : [],
    farm: {
      ...((config.wikiDbTls ?? config.wikiDbCaFile !== undefined) && {
        dbTls: { caFile: config.wikiDbCaFile },
      }),
      ...{ rootHost: wikiRootHost, dbHost: wikiDbHost, sharedDatabase: config.wikiSharedDbName },
      searchEndpoint: config.opensearchEndpoint,
    },
    redis: redisOfWikis(config),
    openSearch: searchOfWikis(config),
    onPhaseEnd: (end) => {
      metrics.phaseEnded(end)
    },
  }
}
