/**
 * Row first: one transaction decides whether a task may be and makes it true (the claim on the name, the place in the
 * quota, the task `queued`, its first event, the idempotency key), before Temporal hears of it. So a refusal is
 * immediate, and an accepted task is never lost.
 */
import {
  operationOf,
  Refusal,
  sentences,
  type DeleteFedWikiSiteWorkflowInput as SiteTaskInput,
  type Engine,
  type Lane,
  type Line,
  type MediaWikiChange,
  type MediaWikiTaskInput,
  type Serving,
  type TaskKind,
} from '@wikistead/contracts'
import type { NewTask, Scope, Store, TaskRow, UserRow, WikiChange, WikiRow } from '@wikistead/store'
import { takeTurn, type LaneLimits } from '../turns/take-turn.ts'
import { refuseSuspended } from './refuse-suspended.ts'

export interface Idempotency {
  readonly key: string
  /** Of the request: the same key with another request is refused. */
  readonly requestHash: string
}

export interface Admission {
  readonly taskId: string
  /** Who asks, and whose task it will be. */
  readonly userId: number
  readonly supportUrl: string
  readonly idempotency?: Idempotency | undefined
  readonly limits?: LaneLimits | undefined
  /** Where it waits for its turn; left out for its kind's own. */
  readonly lane?: Lane
}

export interface CreateFedWikiSite extends Admission {
  /** The full, legal domain. */
  readonly domain: string
  readonly isCustomDomain: boolean
  readonly name: string
  readonly ownerName: string
  readonly ownerId: string
  /** FedWiki sites a user may have, unless their own limit says otherwise. */
  readonly siteLimit: number
}

export interface Admitted {
  readonly task: TaskRow
  readonly wiki: WikiRow | undefined
  /** True when an earlier request with the same key had made it. */
  readonly replayed: boolean
}

/** @throws Refusal `quota_reached`, `name_taken`, `idempotency_mismatch`, `user_not_found` */
export async function admitCreate(store: Store, request: CreateFedWikiSite): Promise<Admitted> {
  return admit(store, request, async (scope, user) => {
    const { domain, taskId } = request
    const holder = await scope.wikis.byClaim('fedwiki', domain)
    if (holder !== undefined) throw nameTaken(domain, holder, user)
    await requirePlace(scope, user, 'fedwiki', request.siteLimit)
    const wiki = await scope.wikis.insert({
      engine: 'fedwiki',
      address: domain,
      name: request.name,
      status: 'creating',
      visibility: 'public',
      customDomain: request.isCustomDomain,
      ownerId: user.user_id,
      ownerSubject: request.ownerId,
      ownerName: request.ownerName,
      taskId,
    })
    return {
      wiki,
      task: taskOf('create_wiki', wiki, {
        userId: user.user_id,
        domain,
        ownerName: request.ownerName,
        ownerId: request.ownerId,
        isCustomDomain: request.isCustomDomain,
        supportUrl: request.supportUrl,
      }),
    }
  })
}

/**
 * A place in the quota: the user's own, or the farm's. The user's row must be held. What is on its way to them by
 * `exceptTaskId` is what the place is for.
 */
export async function requirePlace(
  scope: Scope,
  user: UserRow,
  engine: Engine,
  farmLimit: number,
  exceptTaskId = '',
): Promise<void> {
  const limit = (engine === 'fedwiki' ? user.site_limit : user.wiki_limit) ?? farmLimit
  const [one, many] = engine === 'fedwiki' ? ['site', 'sites'] : ['wiki', 'wikis']
  const { user_id: userId } = user
  const used =
    (await scope.wikis.countOwned(userId, engine)) +
    (await scope.transfers.countComing(userId, engine, exceptTaskId))
  if (used < limit) return
  throw new Refusal(
    'quota_reached',
    limit === 0
      ? `You may not create ${many} on this farm. Ask an operator for a place.`
      : `You have reached your limit of ${String(limit)} ${limit === 1 ? one : many}. Delete one that you no longer need, or ask an operator for more.`,
    { limit },
  )
}

export interface WikiTask extends Admission {
  readonly wikiId: number
  /** Whose wiki it must be still; left out when it may be anybody's. */
  readonly ownerId?: number | undefined
  /** Of a MediaWiki wiki: how long one phase may go on trying; `phasePatienceMs` when left out. */
  readonly patienceMs?: number | undefined
  /** An operator's removal of what is suspended; everything else waits until the suspension is lifted. */
  readonly evenSuspended?: boolean | undefined
  /** What has to hold, and what else is decided, in the same transaction. */
  readonly within?: (scope: Scope, wiki: WikiRow) => Promise<void>
}

/**
 * Into the undo window, or with `now` out of it for good: a deletion that is only repeated never removes what can still
 * be restored. @throws Refusal `busy`, `wiki_not_found` when the wiki is gone already
 */
export async function admitDelete(
  store: Store,
  request: WikiTask & { readonly now?: boolean },
): Promise<Admitted> {
  const { now = false } = request
  return now
    ? admitOnWiki(store, request, 'purge_wiki', (_scope, wiki) => Promise.resolve(purgeOf(wiki, request)))
    : admitOnWiki(store, { ...request, evenSuspended: false }, 'delete_wiki')
}

/** Only while its undo window was over at `expiredBy` (milliseconds). @throws Refusal `busy`, `wiki_not_found` */
export async function admitPurge(
  store: Store,
  request: WikiTask & { readonly expiredBy: number },
): Promise<Admitted> {
  // Nobody waits for it.
  return admitOnWiki(store, { ...request, lane: 'bulk' }, 'purge_wiki', (_scope, wiki) => {
    // It may have been restored since it was found, even deleted again.
    if (wiki.status !== 'archived' || (wiki.purge_after ?? Infinity) > request.expiredBy) {
      throw notInState(wiki, 'purge_wiki')
    }
    return Promise.resolve(purgeOf(wiki, request))
  })
}

/** A retry asks for the same again: a wiki that stands is not removed by what was meant for one put away. */
const purgeOf = ({ status }: WikiRow, { evenSuspended }: WikiTask): object => ({
  from: status,
  ...(evenSuspended === true && { evenSuspended }),
})

/** What every workflow on a wiki is told. */
export function inputOf(
  { engine, address, owner_id: userId, host }: WikiRow,
  { supportUrl, patienceMs }: Pick<WikiTask, 'supportUrl' | 'patienceMs'>,
): SiteTaskInput | MediaWikiTaskInput {
  if (engine === 'fedwiki') return { userId, domain: address, supportUrl }
  const patience = patienceMs === undefined ? {} : { patienceMs }
  return { userId, slug: address, host: host ?? '', supportUrl, ...patience }
}

/** @throws Refusal `not_restorable`, `quota_reached`, `busy`, `wiki_not_found` */
export async function admitRestore(
  store: Store,
  request: WikiTask & { readonly siteLimit: number },
): Promise<Admitted> {
  return admitOnWiki(store, request, 'restore_wiki', async (scope, wiki) => {
    await requirePlace(scope, await scope.users.lock(wiki.owner_id), wiki.engine, request.siteLimit)
    return {}
  })
}

/** Of a FedWiki site. */
export interface SiteChange {
  readonly serving?: Serving | undefined
  readonly owner?: { readonly userId: number; readonly name: string; readonly subject: string } | undefined
}

/** `fields` change in our own row at once, with the admission or not at all. @throws Refusal `busy`, `wiki_not_found` */
export async function admitChange(
  store: Store,
  request: WikiTask & { readonly change: SiteChange; readonly fields?: WikiChange },
): Promise<Admitted> {
  return admitOnWiki(store, request, 'change_wiki', async (scope, wiki) => {
    if (request.fields !== undefined) await scope.wikis.change(wiki.wiki_id, request.fields)
    return request.change
  })
}

/**
 * Of a MediaWiki wiki: its settings and our row change together, so `fields` are only those that the wiki itself knows
 * nothing of. @throws Refusal `busy`, `wiki_not_found`
 */
export async function admitChangeMediaWiki(
  store: Store,
  request: WikiTask & {
    readonly change: MediaWikiChange
    readonly fields?: Pick<WikiChange, 'featured'>
  },
): Promise<Admitted> {
  const { change, fields = {} } = request
  return admitOnWiki(store, request, 'change_wiki', async (scope, wiki) => {
    await scope.wikis.change(wiki.wiki_id, fields)
    return change
  })
}

export type TaskOfWiki = Pick<NewTask, 'kind' | 'workflowType' | 'message' | 'input'>

/** Where a wiki's task waits. */
export function lineOf(
  kind: TaskKind,
  { engine, host }: WikiRow,
  lane = operationOf(kind, engine).lane,
): Line | undefined {
  if (lane === undefined) return undefined
  return { lane, host: engine === 'mediawiki' ? (host ?? '') : '' }
}

/** Makes the task the wiki’s one; `plan` says what its workflow is told beside which wiki it is. */
export async function admitOnWiki(
  store: Store,
  request: WikiTask,
  kind: TaskKind,
  plan: (scope: Scope, wiki: WikiRow) => Promise<object> = () => Promise.resolve({}),
): Promise<Admitted> {
  return admit(store, request, async (scope) => {
    const { wikiId, taskId } = request
    // First of all the compare-and-swap: it holds the row, so that what is read next stays true.
    await scope.wikis.take(wikiId, taskId)
    const wiki = await scope.wikis.get(wikiId)
    if (wiki.owner_id !== (request.ownerId ?? wiki.owner_id)) {
      throw new Refusal('forbidden', `${wiki.address} belongs to somebody else.`)
    }
    if (request.evenSuspended !== true) refuseSuspended(wiki)
    const { from, meanwhile } = operationOf(kind, wiki.engine)
    if (!from.includes(wiki.status)) throw notInState(wiki, kind)
    await request.within?.(scope, wiki)
    const input = { ...inputOf(wiki, request), ...(await plan(scope, wiki)) }
    if (meanwhile !== undefined) await scope.wikis.change(wikiId, { status: meanwhile })
    return { wiki, task: taskOf(kind, wiki, input) }
  })
}

/** What the table of operations says of a task on this wiki. */
export function taskOf(kind: TaskKind, { engine, address }: WikiRow, input: object): TaskOfWiki {
  const { workflow, begins } = operationOf(kind, engine)
  return { kind, workflowType: workflow, message: begins(address), input }
}

function notInState(wiki: WikiRow, kind: TaskKind): Refusal {
  if (kind === 'restore_wiki') {
    return new Refusal('not_restorable', `${wiki.address} is not in its undo window.`, {
      status: wiki.status,
    })
  }
  return new Refusal('wiki_not_found', `${wiki.address} is ${wiki.status}; there is nothing to change.`, {
    status: wiki.status,
  })
}

/** For one engine's own admissions; `plan` runs while the user's row is held. */
export async function admit(
  store: Store,
  { taskId, userId, supportUrl, idempotency, limits, lane }: Admission,
  plan: (scope: Scope, user: UserRow) => Promise<{ readonly wiki: WikiRow; readonly task: TaskOfWiki }>,
): Promise<Admitted> {
  return store.transaction(async (scope) => {
    const user = await scope.users.lock(userId)
    const earlier = idempotency && (await scope.tasks.byIdempotencyKey(userId, idempotency.key))
    if (earlier !== undefined) {
      if (earlier.requestHash !== idempotency?.requestHash) {
        throw new Refusal('idempotency_mismatch', 'This Idempotency-Key was used for another request.')
      }
      const task = await scope.tasks.get(earlier.taskId)
      const wiki = task.wiki_id === null ? undefined : await scope.wikis.find(task.wiki_id)
      return { task, wiki, replayed: true }
    }
    const { wiki, task: planned } = await plan(scope, user)
    const line = lineOf(planned.kind, wiki, lane)
    const task = await scope.tasks.insert({
      ...planned,
      turn: line && (await takeTurn(scope, line, userId, limits)),
      ...{ taskId, engine: wiki.engine, wikiId: wiki.wiki_id, userId, supportUrl: supportUrl || null },
    })
    if (idempotency !== undefined) {
      await scope.tasks.rememberIdempotencyKey(userId, idempotency.key, idempotency.requestHash, taskId)
    }
    return { task, wiki: await scope.wikis.get(wiki.wiki_id), replayed: false }
  })
}

export function nameTaken(domain: string, holder: WikiRow, user: UserRow): Refusal {
  const restorable = holder.status === 'archived' && holder.owner_id === user.user_id
  return new Refusal(
    'name_taken',
    restorable ? `You deleted ${domain}, and it can still be restored.` : sentences.name_taken,
    { domain, ...(restorable && { restorable_wiki_id: holder.wiki_id }) },
  )
}
