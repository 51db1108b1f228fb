/** What an operator must hear of, for nobody watches it, or everybody's next request will fail the same way. */
import type { NewAlarm, Scope, TaskRow } from '@wikistead/store'
import type { Outcome, TaskAtItsEnd } from './end-of-task.ts'

export function alarmsOf({ task, wiki, failedPurges }: TaskAtItsEnd, { code, message }: Outcome): NewAlarm[] {
  if (code === 'farm_forbidden' || code === 'farm_unauthorized') {
    return [
      {
        ...{ code: 'farm_credentials', subject: 'fedwiki' },
        message: `The farm refused our own credentials (${code}).`,
        mend: 'Check fedwiki-admin-token and fedwiki-admin-host, then sync: a list that the farm answers clears this.',
      },
    ]
  }
  if (task.kind === 'sync_sites' && code !== 'sync_untrusted' && code !== 'cancelled') {
    return [
      {
        ...{ code: 'sync_failed', subject: 'fedwiki', message: `A sync failed (${code}): ${message}` },
        mend: 'Bring the farm back, then sync: the next sync that succeeds clears this.',
      },
    ]
  }
  if (task.kind === 'reindex_wiki' && wiki !== undefined && code !== 'cancelled') {
    return [indexFailed(task, wiki.address, message)]
  }
  // Until the next try succeeds, it is only said to be so.
  if ((task.kind === 'suspend_wiki' || task.kind === 'lift_suspension') && wiki !== undefined) {
    const still =
      task.kind === 'suspend_wiki' ? 'is suspended, and may still be served' : 'is still served to nobody'
    return [
      {
        ...{ code: 'suspension_unenforced', subject: wiki.address },
        message: `${wiki.address} ${still}: it could not be told of the last decision. The last time (task ${task.task_id}): ${message}`,
        mend: 'Bring back what is away. It is tried again every ten minutes, and at once when the decision is repeated; the next try that succeeds clears this.',
      },
    ]
  }
  // Of a person's own removal that person hears.
  if (task.kind === 'purge_wiki' && wiki !== undefined && wiki.purge_after !== null && code !== 'cancelled') {
    const times = failedPurges === 0 ? 'once' : `${String(failedPurges + 1)} times`
    return [
      {
        ...{ code: 'purge_failed', subject: wiki.address },
        message: `${wiki.address}, whose undo window is over, could not be removed for good; it was tried ${times}. The last time (task ${task.task_id}): ${message}`,
        mend: 'Bring back what is away. It is tried again after an hour, then ever more seldom, at least once a day; its removal, or its return, clears this.',
      },
    ]
  }
  return []
}

/** Of a wiki that works, and whose pages are not all found. */
export function indexFailed({ task_id: taskId }: TaskRow, address: string, message: string): NewAlarm {
  return {
    ...{ code: 'index_failed', subject: address },
    message: `The pages of ${address} cannot all be found by search (task ${taskId})${message === '' ? '.' : `: ${message}`}`,
    mend: `Mend what that says, then have it indexed again: wikistead reindex ${address}. The next index that succeeds clears this.`,
  }
}

/** What a task that succeeds makes good. */
export async function clearOutcomeAlarms({ alarms, wikis }: Scope, { kind, wiki_id: wikiId }: TaskRow) {
  const code = wikiId === null ? undefined : madeGoodBy[kind]
  if (code === undefined) return
  const wiki = await wikis.find(wikiId ?? 0)
  if (wiki === undefined) return
  await alarms.clear(code, wiki.address)
  // What is gone needs neither suspension nor search.
  if (kind !== 'purge_wiki') return
  await alarms.clear('suspension_unenforced', wiki.address)
  await alarms.clear('index_failed', wiki.address)
}

const madeGoodBy: Readonly<Partial<Record<TaskRow['kind'], string>>> = {
  create_wiki: 'index_failed',
  reindex_wiki: 'index_failed',
  purge_wiki: 'purge_failed',
  restore_wiki: 'purge_failed',
  suspend_wiki: 'suspension_unenforced',
  lift_suspension: 'suspension_unenforced',
}
