/**
 * An operator's decision that nobody is served a wiki, or that it is over. It is true at once: the row says so in the same
 * transaction, whatever is at work on the wiki. The wiki itself is told by a task, as soon as nobody works on it: at once
 * where that is now, else by `housekeeping/enforce-suspensions.ts`.
 */
import { operationOf, Refusal } from '@wikistead/contracts'
import type { Scope, Store, TaskRow, WikiRow } from '@wikistead/store'
import { inputOf, taskOf, type WikiTask } from './admission.ts'

export interface Decided {
  readonly wiki: WikiRow
  /** What tells the wiki; undefined when it knows already, or something else is at work on it. */
  readonly task: TaskRow | undefined
}

export type SuspensionRequest = Pick<
  WikiTask,
  'taskId' | 'userId' | 'wikiId' | 'supportUrl' | 'patienceMs'
> & {
  /** Null lifts it. */
  readonly reason: string | null
}

/** The same decision once more changes nothing, and asks at once for what is still to be done. @throws Refusal `wiki_not_found` */
export async function admitSuspension(store: Store, request: SuspensionRequest): Promise<Decided> {
  return store.transaction(async (scope) => {
    const { wikiId, userId: by, reason } = request
    const wiki = await scope.wikis.lock(wikiId)
    if (wiki.claim === null) {
      throw new Refusal('wiki_not_found', `${wiki.address} is ${wiki.status}; there is nothing to suspend.`)
    }
    if (wiki.suspension_reason !== reason) {
      if (reason === null) await scope.suspensions.lift(wiki, by)
      else await scope.suspensions.suspend(wiki, { reason, by })
    }
    return tellWiki(scope, request)
  })
}

export type DueSuspension = Omit<SuspensionRequest, 'reason' | 'userId'>

/** For a wiki that was busy when it was decided, or whose task failed; tried again at `retryAt`. */
export async function admitDueSuspension(
  store: Store,
  request: DueSuspension,
  retryAt: number,
): Promise<Decided> {
  return store.transaction(async (scope) => {
    const { wikiId } = request
    const { suspended_by: by, owner_id: ownerId } = await scope.wikis.lock(wikiId)
    const decided = await tellWiki(scope, { ...request, userId: by ?? ownerId })
    await scope.suspensions.tryAgainAt(wikiId, retryAt)
    return decided
  })
}

/** In a transaction that holds the wiki's row. */
async function tellWiki(
  scope: Scope,
  request: DueSuspension & Pick<SuspensionRequest, 'userId'>,
): Promise<Decided> {
  const { wikiId, taskId, userId } = request
  const wiki = await scope.wikis.get(wikiId)
  const kind = wiki.suspended_at === null ? 'lift_suspension' : 'suspend_wiki'
  const isNow = wiki.suspension_due !== null && wiki.task_id === null
  if (!isNow || !operationOf(kind, wiki.engine).from.includes(wiki.status)) return { wiki, task: undefined }
  await scope.wikis.take(wikiId, taskId)
  const task = await scope.tasks.insert({
    ...taskOf(kind, wiki, inputOf(wiki, request)),
    ...{ taskId, engine: wiki.engine, wikiId, userId, supportUrl: request.supportUrl || null },
    turn: undefined,
  })
  return { wiki: await scope.wikis.get(wikiId), task }
}
