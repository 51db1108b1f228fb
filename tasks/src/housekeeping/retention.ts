/**
 * What nobody needs any more goes, a little at a time. What is needed to undo, to try again or to know whose a thing is
 * stays, however old it is; the audit log stays whole.
 */
import type { EndedPlace, Store, TaskRow, WikiRow } from '@wikistead/store'

/** How long what is over is kept, in milliseconds. */
export interface Keep {
  /** Output of commands in the events of tasks that ended. */
  readonly outputMs: number
  /** Ended tasks, their events and their ledger. */
  readonly tasksMs: number
  /** Ended syncs, of which there is one an hour. */
  readonly syncsMs: number
  readonly alarmsMs: number
  readonly transfersMs: number
  readonly tombstonesMs: number
  readonly idempotencyKeysMs: number
}

const day = 86_400_000

export const keepDefaults: Keep = {
  ...{ outputMs: 30 * day, tasksMs: 365 * day, syncsMs: 30 * day, alarmsMs: 90 * day },
  ...{ transfersMs: 365 * day, tombstonesMs: 365 * day, idempotencyKeysMs: 7 * day },
}

/** Whether an ended task must stay, whatever its age. `wiki` is its wiki, if it has one that is there. */
function isNeeded(
  { kind, task_id: taskId, code, warning, ended_at: endedAt }: TaskRow,
  wiki: WikiRow | undefined,
  hasOpenLines: boolean,
): boolean {
  if (endedAt === null || hasOpenLines || code === 'rollback_incomplete') return true
  if (wiki === undefined) return false
  // Its id marks the wiki's folder and database: by it they are known as ours.
  if (kind === 'create_wiki' && wiki.claim !== null) return true
  if (wiki.task_id === taskId) return true
  // What is still to be done can be tried again while the wiki stands.
  return warning !== null && wiki.claim !== null
}

/** Enough for a farm's day many times over, and a few milliseconds each. */
const tasksAtOnce = 100
const rowsAtOnce = 500
/** Each with the forty rows that it is found by. */
const tombstonesAtOnce = 20
const batches = 10

/** One round; the next goes on where it ended. */
export async function letGoOfTheOld(
  store: Store,
  keep: Keep = keepDefaults,
  signal?: AbortSignal,
  now = store.now(),
): Promise<void> {
  const { old } = store
  await inBatches(() => removeOutput(store, now - keep.outputMs), signal)
  await inBatches(() => removeTasks(store, now - keep.tasksMs), signal)
  await inBatches(
    () => store.transaction((scope) => scope.tasks.prune('sync_sites', now - keep.syncsMs, tasksAtOnce)),
    signal,
  )
  await inBatches(
    () =>
      store.transaction((scope) =>
        scope.tasks.pruneIdempotencyKeys(now - keep.idempotencyKeysMs, tasksAtOnce),
      ),
    signal,
  )
  await inBatches(() => old.removeClearedAlarms(now - keep.alarmsMs, rowsAtOnce), signal)
  await inBatches(() => old.removeEndedTransfers(now - keep.transfersMs, rowsAtOnce), signal)
  await inBatches(() => removeTombstones(store, now - keep.tombstonesMs), signal)
  await store.snapshots.removeOlderThan(now - day)
  await store.sessions.forgetEnded(now)
  await store.once.forgetExpired(now)
  await store.invitations.forgetEnded(now)
  await inBatches(() => store.openidRows.forgetExpired(rowsAtOnce, now), signal)
  await store.openidKeys.forgetExpired(now)
  await store.tokens.forgetExpired()
  await store.instances.forget(day)
  await store.samples.thin(now)
}

/** Until there is nothing left to look at, or enough was done for this round. */
async function inBatches(act: () => Promise<number>, signal: AbortSignal | undefined): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    if (signal?.aborted === true || (await act()) === 0) return
  }
}

async function removeOutput(store: Store, endedBefore: number): Promise<number> {
  return goOn(store, 'retention/output', endedBefore, async (tasks) => {
    const removed = await store.old.removeOutput(
      tasks.map((task) => task.task_id),
      rowsAtOnce,
    )
    // Those of the place may have more.
    return removed < rowsAtOnce
  })
}

async function removeTasks(store: Store, endedBefore: number): Promise<number> {
  const looked = await goOn(store, 'retention/tasks', endedBefore, async (tasks) => {
    const openLines = await store.old.withOpenLines(tasks.map((task) => task.task_id))
    const wikis = await store.wikis.byIds(tasks.flatMap((task) => task.wiki_id ?? []))
    const unneeded = tasks.filter(
      (task) => !isNeeded(task, wikis.get(task.wiki_id ?? -1), openLines.has(task.task_id)),
    )
    await store.transaction((scope) =>
      scope.old.removeTasks(
        unneeded.map((task) => task.task_id),
        endedBefore,
      ),
    )
    return true
  })
  // What was needed then may not be so any more: from the beginning, with the next round.
  if (looked === 0) await store.settings.take('retention/tasks')
  return looked
}

/** Looks at the ended tasks after those of the last time. Returns at how many. */
async function goOn(
  store: Store,
  placeName: string,
  endedBefore: number,
  act: (tasks: readonly TaskRow[]) => Promise<boolean>,
): Promise<number> {
  const place = JSON.parse((await store.settings.get(placeName)) ?? 'null') as EndedPlace | null
  const tasks = await store.old.endedTasks(endedBefore, place ?? { endedAt: 0, taskId: '' }, tasksAtOnce)
  const last = tasks.at(-1)
  if (last === undefined) return 0
  if (await act(tasks)) {
    const next: EndedPlace = { endedAt: last.ended_at ?? 0, taskId: last.task_id }
    await store.settings.set(placeName, JSON.stringify(next))
  }
  return tasks.length
}

async function removeTombstones(store: Store, releasedBefore: number): Promise<number> {
  const placeName = 'retention/tombstones'
  const from = Number((await store.settings.get(placeName)) ?? 0)
  if (from >= (await store.old.lastWikiId())) {
    await store.settings.take(placeName)
    return 0
  }
  const upTo = from + rowsAtOnce
  const old = await store.old.tombstones(from, upTo, releasedBefore)
  for (let next = 0; next < old.length; next += tombstonesAtOnce) {
    const wikiIds = old.slice(next, next + tombstonesAtOnce).map((wiki) => wiki.wiki_id)
    await store.transaction(async (scope) => scope.texts.remove(await scope.old.removeTombstones(wikiIds)))
  }
  await store.settings.set(placeName, String(upTo))
  return rowsAtOnce
}
