import type { Store, TaskRow, Waiting } from '@wikistead/store'
import { placesOf, standingOf, usualLimits, waitingOf, type LaneLimits } from './take-turn.ts'
import { hasHadItsTurn } from '../temporal/workflow-runs.ts'

/** How far the task is from its turn just now; undefined when it waits for none. */
export async function placeInLine(
  store: Pick<Store, 'hosts' | 'lines' | 'now'>,
  task: TaskRow,
  limits: LaneLimits = usualLimits,
): Promise<Waiting | undefined> {
  const { task_id: taskId, lane, host, status } = task
  if (status !== 'queued' || lane === null || host === null || hasHadItsTurn(task)) return undefined
  const line = { lane, host }
  const standing = (await store.lines.standing(line)).map(standingOf)
  const places = await placesOf(store, line, limits)
  const heldMs = await store.lines.heldMs(line)
  const waits = waitingOf(standing, places, { taskId, heldMs, now: store.now() })
  // It may have had its turn since it was read.
  return waits.place === 0 ? undefined : waits
}
