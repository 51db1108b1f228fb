/**
 * A task's place in its line, decided in the transaction that admits it: one at once where there is room, so that nothing
 * is added to a quiet farm's time; else a place in the queue, unless that is full.
 */
import { creationsUnsaid, placesIn, Refusal, type Line } from '@wikistead/contracts'
import type { LineRow, Scope, Store, Turn, Waiting } from '@wikistead/store'
import { decide, expectedAt, inOrder, turnOf, type Standing } from './turns.ts'

/** What a farm takes at once, and how many may wait for it. */
export interface LaneLimits {
  /** Sites that the FedWiki farm makes at once; a MediaWiki host says so itself. */
  readonly fedwikiCreations: number
  /** Tasks that wait in one line. */
  readonly longestQueue: number
}

export const usualLimits: LaneLimits = { fedwikiCreations: 4, longestQueue: 500 }

/** @throws Refusal `queue_full` with `retry_after_seconds` */
export async function takeTurn(
  scope: Scope,
  line: Line,
  userId: number,
  limits: LaneLimits = usualLimits,
): Promise<Turn> {
  await scope.lines.hold(line)
  const places = await placesOf(scope, line, limits)
  const standing = (await scope.lines.standing(line)).map(standingOf)
  const turn = turnOf(standing, userId)
  const now = scope.now()
  const one: Standing = { taskId: '~', userId, turn, createdAt: now, since: null }
  const all = [...standing, one]
  const { start, wait } = decide(all, places)
  if (start.includes(one)) return { ...line, turn, waits: undefined }
  const heldMs = await scope.lines.heldMs(line)
  if (wait.length > limits.longestQueue) throw queueFull(wait.length - 1, places, heldMs)
  return { ...line, turn, waits: waitingOf(all, places, { taskId: one.taskId, heldMs, now }) }
}

/** How many of the line may be at work at once. */
export async function placesOf(
  { hosts }: Pick<Store, 'hosts'>,
  { lane, host }: Line,
  { fedwikiCreations }: Pick<LaneLimits, 'fedwikiCreations'>,
): Promise<number> {
  if (host === '') return placesIn(lane, fedwikiCreations)
  return placesIn(lane, (await hosts.find(host))?.creations ?? creationsUnsaid)
}

export const standingOf = (row: LineRow): Standing => ({
  ...{ taskId: row.task_id, userId: row.user_id, turn: row.turn ?? 0 },
  createdAt: row.created_at,
  // A worker of an earlier release knows of no turns, and begins what it finds.
  since: row.dispatched_at ?? (row.status === 'running' ? row.created_at : null),
})

/** What somebody who waits is told. */
export function waitingOf(
  line: readonly Standing[],
  places: number,
  {
    taskId,
    ...known
  }: { readonly taskId: string; readonly heldMs: number | undefined; readonly now: number },
): Waiting {
  const place = inOrder(line).findIndex((one) => one.taskId === taskId) + 1
  const at = expectedAt(line, places, { place, ...known })
  return { place, ...(at !== undefined && { expected_at: new Date(at).toISOString() }) }
}

/** As long as it takes until a tenth of them has been served. */
function queueFull(waiting: number, places: number, heldMs = 30_000): Refusal {
  const seconds = Math.max(1, Math.ceil((heldMs * Math.max(1, waiting / 10)) / places / 1_000))
  return new Refusal(
    'queue_full',
    `${String(waiting)} others wait for the same, and the queue takes no more. Try again in ${String(seconds)} s.`,
    { retry_after_seconds: seconds, waiting },
  )
}
