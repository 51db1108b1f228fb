/** What has to happen later happens here: undo windows that end, rollbacks left over, and what is old (`retention.ts`). */
import type { Client } from '@temporalio/client'
import { operationOf, rollbackWorkflows, workflowQueue } from '@wikistead/contracts'
import { rollbackTries, type TaskRow } from '@wikistead/store'
import { admitPurge } from '../admission/admission.ts'
import type { ReconcilerDeps } from './reconciler.ts'
import { letGoOfTheOld, type Keep } from './retention.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { hasHadItsTurn } from '../temporal/workflow-runs.ts'

export interface SweeperDeps extends ReconcilerDeps {
  readonly client: Client
  /** Of a phase of a MediaWiki wiki's removal; see `WikiTask`. */
  readonly patienceMs?: number | undefined
  /** Whom people may ask; stands beside what they are told. */
  readonly supportUrl?: string | undefined
  /** How long what is over is kept. */
  readonly keep?: Keep | undefined
}

/**
 * Until the signal is aborted. `rollbackRestMs`: how long an unfinished rollback is left alone at
 * least, so that a lost attempt of it is surely over.
 */
export async function sweep(deps: SweeperDeps, rollbackRestMs = 60_000, signal?: AbortSignal): Promise<void> {
  const { store, runs, client, log } = deps
  const now = store.now()
  for (const wiki of await store.wikis.purgeable(now)) {
    if (signal?.aborted === true) return
    try {
      const { task } = await admitPurge(store, {
        ...{ taskId: newTaskId(), wikiId: wiki.wiki_id, userId: wiki.owner_id, supportUrl: '' },
        ...{ expiredBy: now, patienceMs: deps.patienceMs },
      })
      if (hasHadItsTurn(task)) await runs.start(task)
    } catch (error) {
      log.warn(
        { err: error, wiki_id: wiki.wiki_id },
        'a wiki could not be purged; the next sweep tries again',
      )
    }
  }
  for (const task of await store.tasks.rollbackIncomplete(now, rollbackRestMs)) {
    if (signal?.aborted === true) return
    try {
      await client.withDeadline(Date.now() + 5_000, () => finishRollback(deps, task))
      await store.ledger.note(task.task_id, rollbackTries, {})
    } catch (error) {
      log.warn({ err: error, task_id: task.task_id }, 'a rollback could not be started again')
    }
  }
  await letGoOfTheOld(store, deps.keep, signal)
}

async function finishRollback(
  { client, store }: SweeperDeps,
  { task_id: taskId, kind, engine, wiki_id: wikiId }: TaskRow,
): Promise<void> {
  const { onHost } = operationOf(kind, engine)
  const wiki = onHost && wikiId !== null ? await store.wikis.find(wikiId) : undefined
  await client.workflow.start(rollbackWorkflows[engine], {
    taskQueue: workflowQueue,
    workflowId: `${taskId}/rollback`,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [onHost ? { taskId, host: wiki?.host ?? '' } : taskId],
  })
}
