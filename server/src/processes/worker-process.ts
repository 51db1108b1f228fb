/** A worker at work, over parts that are open already: it runs what Temporal hands it, and keeps house. */
import type { Client } from '@temporalio/client'
import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import type { FarmManagerClient } from '@wikistead/fedwiki'
import type { Metrics } from '@wikistead/metrics'
import type { Store } from '@wikistead/store'
import { WorkflowRuns, type Keep } from '@wikistead/tasks'
import { createWorker, startHousekeeping, workflowBundle, type HousekeepingOptions } from '@wikistead/worker'
import type { FastifyBaseLogger } from 'fastify'
import { join } from 'node:path'
import { domainRules } from '../parts/fedwiki-engine.ts'

export interface WorkerParts {
  readonly store: Store
  readonly connection: NativeConnection
  readonly client: Client
  /** Undefined while the FedWiki engine is off. */
  readonly farm: FarmManagerClient | undefined
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  readonly identity?: string
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
  readonly housekeeping?: HousekeepingOptions
}

export interface RunningWorker extends AsyncDisposable {
  /** Rejects when the worker ends by itself. */
  readonly ended: Promise<void>
}

export async function runWorker(config: Config, parts: WorkerParts): Promise<RunningWorker> {
  const { store, connection, client, farm, metrics, logger, identity, interceptors } = parts
  const worker = await createWorker({
    ...{ store, connection, namespace: client.options.namespace },
    workflowBundlePath: await workflowBundle(join(config.dataFolder, 'cache')),
    fedwiki: farm && {
      ...{ store, farm, log: logger, rules: domainRules(config) },
      siteLimit: config.fedwikiSiteLimit,
      undoWindowMs: config.fedwikiUndoWindow,
      // Not the hub: the id of an account there is no `sub`.
      ...(config.oidcIssuer !== undefined && { ownerIssuers: [config.oidcIssuer, 'bootstrap'] }),
      onPhaseEnd: (end) => {
        metrics.phaseEnded(end)
      },
    },
    ...(identity !== undefined && { identity }),
    ...(interceptors !== undefined && { interceptors }),
  })
  const ended = worker.run()
  // Whoever waits for it hears of it; until then it is no unhandled rejection.
  ended.catch(() => undefined)
  const runs = new WorkflowRuns(client)
  const deps = {
    store,
    client,
    runs,
    log: logger,
    patienceMs: config.mediawikiPhasePatience,
    keep: keepOf(config),
  }
  const housekeeping = startHousekeeping(deps, parts.housekeeping)
  // What was left open by the process before is looked at now, not in half a minute.
  void housekeeping.runNow()
  return {
    ended,
    async [Symbol.asyncDispose]() {
      await housekeeping[Symbol.asyncDispose]()
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await ended.catch(() => undefined)
    },
  }
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
