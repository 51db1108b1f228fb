/** A worker at work, over parts that are open already: it runs what Temporal hands it, and keeps house. */
import type { Client } from '@temporalio/client'
import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { closingQueue } from '@wikistead/contracts'
import { sealKeys } from '@wikistead/contracts/audit-seals'
import type { FarmManagerClient, FedWikiDeps } from '@wikistead/fedwiki'
import type { Metrics } from '@wikistead/metrics'
import type { Store } from '@wikistead/store'
import { WorkflowRuns, type Dispatcher, type Keep } from '@wikistead/tasks'
import {
  createClosingWorker,
  createFedWikiWorkers,
  createWorker,
  startHousekeeping,
  workflowBundle,
  type HousekeepingOptions,
} from '@wikistead/worker'
import type { FastifyBaseLogger } from 'fastify'
import { domainProof, domainRules } from '../parts/fedwiki-engine.ts'
import { askQueue } from '../temporal/ask-queue.ts'
import type { Instance } from '../parts/instance.ts'
import { runWorkers, type RunningWorker } from './running-workers.ts'

export interface WorkerParts {
  readonly store: Store
  readonly connection: NativeConnection
  readonly client: Client
  readonly dispatcher: Dispatcher
  /** Undefined while the FedWiki engine is off. */
  readonly farm: FarmManagerClient | undefined
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  readonly instance: Instance
  /** Keeps the workflows' bundle, for every data folder of this user. */
  readonly cacheFolder: string
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
  readonly housekeeping?: HousekeepingOptions
}

export async function runWorker(config: Config, parts: WorkerParts): Promise<RunningWorker> {
  const { store, connection, client, dispatcher, logger, instance, interceptors } = parts
  const place = {
    ...{ store, connection, namespace: client.options.namespace },
    identity: instance.identity,
    ...(interceptors !== undefined && { interceptors }),
  }
  const fedwiki = fedWikiDeps(config, parts)
  const workflowBundlePath = await workflowBundle(parts.cacheFolder)
  const creations = config.fedwikiCreations
  const workers = await Promise.all([
    createWorker({ ...place, fedwiki, workflowBundlePath }),
    createClosingWorker(place),
    ...(fedwiki === undefined ? [] : [createFedWikiWorkers({ ...place, fedwiki, creations })]),
  ])
  const worker = runWorkers(workers.flat())
  const asking = instance.askTemporal(() => askQueue(connection, client.options.namespace, closingQueue))
  const runs = new WorkflowRuns(client)
  const deps = {
    ...{ store, client, runs, dispatcher, log: logger, holder: instance.id },
    ...{ patienceMs: config.mediawikiPhasePatience, keep: keepOf(config), supportUrl: config.supportUrl },
    audit: { keys: sealKeys(config.auditKey?.reveal() ?? '') },
    ...(config.fedwikiCustomDomains && { proveControl: domainProof(config) }),
  }
  const housekeeping = startHousekeeping(deps, parts.housekeeping)
  // What was left open by the process before is looked at now, not in half a minute.
  void housekeeping.runNow()
  return {
    ended: worker.ended,
    async [Symbol.asyncDispose]() {
      asking[Symbol.dispose]()
      await housekeeping[Symbol.asyncDispose]()
      await worker[Symbol.asyncDispose]()
    },
  }
}

function fedWikiDeps(config: Config, { store, farm, metrics, logger }: WorkerParts): FedWikiDeps | undefined {
  return (
    farm && {
      ...{ store, farm, log: logger, rules: domainRules(config) },
      siteLimit: config.fedwikiSiteLimit,
      undoWindowMs: config.fedwikiUndoWindow,
      proveControl: domainProof(config),
      // Not the hub: the id of an account there is no `sub`.
      ...(config.oidcIssuer !== undefined && { ownerIssuers: [config.oidcIssuer, 'bootstrap'] }),
      onPhaseEnd: (end) => {
        metrics.phaseEnded(end)
      },
    }
  )
}

const keepOf = (config: Config): Keep => ({
  outputMs: config.keepTaskOutput,
  tasksMs: config.keepTasks,
  syncsMs: config.keepSyncs,
  alarmsMs: config.keepAlarms,
  transfersMs: config.keepTransfers,
  tombstonesMs: config.keepTombstones,
  idempotencyKeysMs: config.keepIdempotencyKeys,
})
