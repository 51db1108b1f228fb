import type { Client } from '@temporalio/client'
import type { Config } from '@wikistead/config'
import type { Store } from '@wikistead/store'
import { Dispatcher, WorkflowRuns } from '@wikistead/tasks'
import type { FastifyBaseLogger } from 'fastify'
import { laneLimits } from './lane-limits.ts'

/** One a process: it gives away what places this process' store leaves. */
export function openDispatcher(
  config: Config,
  parts: { readonly store: Store; readonly client: Client; readonly logger: FastifyBaseLogger },
): Dispatcher {
  const { store, client, logger: log } = parts
  return new Dispatcher({ store, log, runs: new WorkflowRuns(client), limits: laneLimits(config) })
}
