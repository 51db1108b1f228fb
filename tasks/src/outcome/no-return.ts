import { operationOf } from '@wikistead/contracts'
import type { Scope, TaskRow, WikiRow } from '@wikistead/store'

/**
 * Whether people use what the task made. The ledger says so; a worker of an older release sealed nothing, so a wiki that
 * is in service seals what its creation left open. The task's row must be held.
 */
export async function isPastNoReturn(
  { ledger, wikis }: Pick<Scope, 'ledger' | 'wikis'>,
  task: TaskRow,
): Promise<boolean> {
  const { task_id: taskId, wiki_id: wikiId } = task
  if (await ledger.isSealed(taskId)) return true
  if (task.kind !== 'create_wiki' || wikiId === null) return false
  if (!isInService(task, await wikis.find(wikiId))) return false
  await ledger.seal(taskId)
  return true
}

function isInService({ kind, engine, task_id: taskId }: TaskRow, wiki: WikiRow | undefined): boolean {
  if (wiki === undefined || wiki.claim === null) return false
  return wiki.task_id !== taskId || wiki.status !== operationOf(kind, engine).meanwhile
}
