/**
 * A task may be closed while its host is away, and with it a script of its still running or the records of one. The host
 * looks for those of its commands whose task has ended, ends what still runs, and forgets them.
 */
import type { Store, TaskRow } from '@wikistead/store'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'

/** Until the signal is aborted. @throws while the store or the place of the commands is away */
export async function forgetScriptsOfEnded(
  { store, runner }: Pick<MediaWikiDeps, 'store' | 'runner'>,
  signal: AbortSignal,
): Promise<void> {
  const ids = await runner.known()
  // A later life of the same task is another one's.
  for (const life of new Set(ids.flatMap((id) => lifeOf.exec(id)?.[0] ?? []))) {
    if (signal.aborted) return
    if (!(await hasEnded(store, life))) continue
    for (const id of ids.filter((each) => each.startsWith(`${life}/`))) await runner.stop(id, signal)
    await runner.forget(life)
  }
}

/** Task and life of a script; other commands are nobody's to forget. */
const lifeOf = /^[0-9a-f-]{36}\/\d+(?=\/)/

/** Of a task that this store does not know nobody can say: its scripts may be another farm's. */
async function hasEnded(store: Store, life: string): Promise<boolean> {
  const [taskId = '', run] = life.split('/')
  const task = await store.tasks.find(taskId)
  return task !== undefined && (task.run > Number(run) || isOver(task))
}

/** What an unfinished rollback still needs is its own to forget. */
const isOver = ({ ended_at: endedAt, code }: TaskRow): boolean =>
  endedAt !== null && code !== 'rollback_incomplete'
