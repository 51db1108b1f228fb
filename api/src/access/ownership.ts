/** Whose something is, and what that lets others see of it. */
import { Refusal, standingStatuses, type TokenScope } from '@wikistead/contracts'
import type { TaskRow, UserRow, WikiRow } from '@wikistead/store'
import { isAtLeast, requireScope, type Acting } from './acting.ts'

/** Everybody sees what is public, stands and is not suspended, its owner and operators always. */
function maySee(acting: Acting | undefined, wiki: WikiRow): boolean {
  if (acting !== undefined && mayManage(acting, wiki)) return true
  if (wiki.suspended_at !== null) return false
  return wiki.visibility === 'public' && standingStatuses.some((status) => status === wiki.status)
}

/** Whether it is theirs or they are an operator, whatever their token is good for. */
export const mayManage = ({ user }: Acting, wiki: WikiRow): boolean =>
  wiki.owner_id === user.user_id || isAtLeast(user, 'operator')

/** The owner that a wiki must have still when a change is let in; undefined for whoever may act on anybody's. */
export const ownerNow = (actor: UserRow, wiki: WikiRow): number | undefined =>
  isAtLeast(actor, 'operator') ? undefined : wiki.owner_id

/** What of a list they see: operators all of it. Who is not known owns nothing; ids begin at 1. */
export const eyesOf = (acting: Acting | undefined): { readonly seenBy?: number } =>
  acting !== undefined && isAtLeast(acting.user, 'operator') ? {} : { seenBy: acting?.user.user_id ?? 0 }

/** @throws Refusal `wiki_not_found` where it must stay hidden */
export function requireVisible(acting: Acting | undefined, wiki: WikiRow): WikiRow {
  if (maySee(acting, wiki)) return wiki
  throw new Refusal('wiki_not_found', `There is no wiki ${String(wiki.wiki_id)}.`)
}

/**
 * `scope` is what its owner's token needs; an operator's needs `operate` for changes. `nobodyElse`: not even they.
 * @throws Refusal `wiki_not_found`, `forbidden`, `scope_missing`
 */
export function requireWiki(acting: Acting, wiki: WikiRow, scope: TokenScope, nobodyElse: boolean): WikiRow {
  requireVisible(acting, wiki)
  if (wiki.owner_id === acting.user.user_id) requireScope(acting, scope)
  else if (nobodyElse) throw new Refusal('forbidden', `This is for the owner of ${wiki.address} alone.`)
  else if (isAtLeast(acting.user, 'operator')) requireScope(acting, ofOperator(scope))
  else throw new Refusal('forbidden', `${wiki.address} belongs to somebody else.`)
  return wiki
}

/** A task is its user's and the operators'; to others it does not exist. @throws Refusal `task_not_found`, `scope_missing` */
export function requireTask<T extends Pick<TaskRow, 'task_id' | 'user_id'>>(
  acting: Acting,
  task: T,
  scope: TokenScope,
): T {
  if (task.user_id === acting.user.user_id) requireScope(acting, scope)
  else if (isAtLeast(acting.user, 'operator')) requireScope(acting, ofOperator(scope))
  else throw new Refusal('task_not_found', `There is no task ${task.task_id}.`)
  return task
}

/** What an operator needs for what is not theirs, where the owner needs `scope`. */
export const ofOperator = (scope: TokenScope): TokenScope => (scope === 'wikis' ? 'operate' : scope)
