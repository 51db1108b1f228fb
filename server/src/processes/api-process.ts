/** The API on its address, over parts that are open already. */
import type { AddressInfo } from 'node:net'
import {
  createApi,
  localCounter,
  redisCounter,
  type ApiDeps,
  type HealthPart,
  type RateCounter,
} from '@wikistead/api'
import type { Client } from '@temporalio/client'
import type { Config } from '@wikistead/config'
import { TaskEventStream, type LiveEvents } from '@wikistead/live'
import type { Metrics } from '@wikistead/metrics'
import type { Store } from '@wikistead/store'
import { WorkflowRuns } from '@wikistead/tasks'
import type { FastifyBaseLogger } from 'fastify'
import { addressOf, keptProofKey, proofOf } from '../parts/api-proof.ts'
import { addressHere } from '../parts/address-here.ts'
import { laneLimits } from '../parts/lane-limits.ts'
import { readPem } from '../parts/authority-file.ts'
import { fedWikiRules } from '../parts/fedwiki-engine.ts'
import { mediaWikiRules } from '../parts/mediawiki-rules.ts'
import { signInProvider } from '../parts/sign-in-provider.ts'
import { keptOpenidKey } from '../parts/openid-key.ts'
import { mailSender } from '../parts/mail-sender.ts'
import { serviceTrust } from '../parts/service-trust.ts'
import { serveMetrics } from './serve-metrics.ts'

export interface ApiParts {
  readonly store: Store
  readonly client: Client
  readonly live: LiveEvents
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  /** Of the embedded farm, for the addresses of its sites. */
  readonly farmPort?: number | undefined
  /** The client stands on the connection of a worker in this process. */
  readonly eagerStart?: boolean
  readonly healthParts?: readonly (() => Promise<HealthPart>)[]
  /** Of the built files of the web console. */
  readonly consoleFolder?: string | undefined
}

export interface ListeningApi extends AsyncDisposable {
  /** e.g. `http://127.0.0.1:8410` */
  readonly url: string
}

export async function listen(config: Config, parts: ApiParts): Promise<ListeningApi> {
  const { store, live } = parts
  const events = new TaskEventStream({
    live,
    eventsAfter: (taskId, seq, limit) => store.tasks.eventsAfter(taskId, seq, limit),
  })
  const hasFarm = config.fedwikiFarmUrl !== undefined || config.fedwikiEmbeddedFarm
  const address = (): string => addressHere(api.server.address() as AddressInfo)
  await using opened = new AsyncDisposableStack()
  const proofKey = await keptProofKey(config.dataFolder)
  const provider = signInProvider(config)
  const counter = config.rateLimits ? opened.use(openCounter(config)) : undefined
  const deps: ApiDeps = {
    ...{
      store,
      live,
      events,
      client: parts.client,
      runs: new WorkflowRuns(parts.client, { eager: parts.eagerStart ?? false }),
      limits: laneLimits(config),
      logger: parts.logger,
      metrics: parts.metrics,
    },
    fedwiki: hasFarm ? fedWikiRules(config, parts.farmPort) : undefined,
    mediawiki: mediaWikiRules(config),
    provider,
    ownProvider: provider === undefined ? { sealingKey: await keptOpenidKey(config.dataFolder) } : undefined,
    accounts: config.accounts ? { signUp: config.accountsSignUp, mail: mailSender(config) } : undefined,
    service: serviceTrust(config, address),
    publicUrl: () => config.publicUrl ?? address(),
    trustedProxies: config.trustedProxies,
    rateLimits: counter && {
      ...{ user: config.rateLimitUser, address: config.rateLimitAddress, costly: config.rateLimitCostly },
      counter,
    },
    streamLimits: config.rateLimits
      ? { user: config.streamsUser, process: config.streamsProcess }
      : undefined,
    tokensPerUser: config.tokensUser,
    freshForMs: config.signInFreshFor,
    prove: (nonce, { localAddress, localPort }) =>
      proofOf(proofKey, nonce, addressOf(localAddress, localPort)),
    supportUrl: config.supportUrl ?? '',
    securityContact: config.securityContact,
    createWaitMs: config.createWait,
    healthParts: parts.healthParts ?? [],
    consoleFolder: parts.consoleFolder,
  }
  const api = await createApi(deps)
  opened.defer(() => api.close())
  // Those who follow events all come back at once after a restart: more than Node would let wait to be accepted.
  await api.listen({ host: config.host, port: config.port, backlog: 4_096 })
  if (config.apiMetricsPort !== undefined) {
    opened.use(await serveMetrics(parts.metrics, config.apiMetricsPort))
  }
  const running = opened.move()
  return { url: address(), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Several API processes count together where they have Redis. */
function openCounter({ redisServer, redisPassword, redisCaFile }: Config): RateCounter {
  if (redisServer === undefined) return localCounter()
  return redisCounter({
    ca: readPem('redis-ca-file', redisCaFile),
    server: redisServer,
    ...(redisPassword !== undefined && { password: redisPassword.reveal() }),
  })
}
