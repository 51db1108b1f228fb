/** What the process before had begun when it was killed is tried again now, not when its heartbeats run out. */
import type { Client } from '@temporalio/client'
import type { Store } from '@wikistead/store'
import { rescue } from '@wikistead/tasks'
import type { FastifyBaseLogger } from 'fastify'
import type { Instance } from '../parts/instance.ts'

/** To be done before this process is at work itself. */
export async function takeOver(
  store: Store,
  client: Client,
  { predecessors, settle }: Pick<Instance, 'predecessors' | 'settle'>,
  logger: FastifyBaseLogger,
): Promise<void> {
  const dead = new Set(predecessors.flatMap(({ worker_identity: identity }) => identity ?? []))
  const rescued = await rescue(store, client, dead)
  if (rescued > 0) logger.info({ rescued }, 'took up what the process before had left')
  await settle()
}
