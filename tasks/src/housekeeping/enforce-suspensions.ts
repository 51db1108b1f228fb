/** What was decided of a wiki while it was busy, or could not be told to it, is told as soon as it can be. */
import { admitDueSuspension } from '../admission/admit-suspension.ts'
import { newTaskId } from '../temporal/task-id.ts'
import type { SweeperDeps } from './sweeper.ts'

/** A task that failed is not begun again before. */
const restMs = 600_000

export async function enforceSuspensions(
  { store, runs, log, patienceMs, supportUrl = '' }: SweeperDeps,
  signal?: AbortSignal,
): Promise<void> {
  for (const { wiki_id: wikiId } of await store.suspensions.due()) {
    if (signal?.aborted === true) return
    try {
      const request = { taskId: newTaskId(), wikiId, supportUrl, patienceMs }
      const { task } = await admitDueSuspension(store, request, store.now() + restMs)
      if (task !== undefined) await runs.start(task)
    } catch (error) {
      log.warn(
        { err: error, wiki_id: wikiId },
        'a suspension could not be told to its wiki; it is tried again',
      )
    }
  }
}
