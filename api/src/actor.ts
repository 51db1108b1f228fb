/** Who is asking. Sign-in will come in here; until then a Bearer token names the user. */
import { Refusal, standingStatuses, type Role } from '@wikistead/contracts'
import type { Store, TaskRow, UserRow, WikiRow } from '@wikistead/store'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    actor: UserRow | undefined
  }
}

export function authenticate(app: FastifyInstance, store: Store): void {
  app.decorateRequest('actor', undefined)
  app.addHook('onRequest', async (request) => {
    // What needs no user is answered to every token, also while the store is away.
    if (needNobody.has(request.routeOptions.url ?? '')) return
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) {
      // Before anything else of the request is looked at: to a stranger all of them look alike.
      if (request.routeOptions.url?.startsWith('/v1/') === true) requireActor(request)
      return
    }
    request.actor = await store.users.byToken(token)
    if (request.actor === undefined) {
      throw new Refusal('unauthenticated', 'This token is unknown or has expired.')
    }
  })
}

const needNobody: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** @throws Refusal `unauthenticated`, `forbidden` */
export function requireActor({ actor }: FastifyRequest, least: Role = 'member'): UserRow {
  if (actor === undefined) {
    throw new Refusal('unauthenticated', 'Send the token of a user: `Authorization: Bearer …`.')
  }
  if (!isAtLeast(actor, least)) {
    throw new Refusal('forbidden', `This is for an ${least} of the farm.`)
  }
  return actor
}

const rank: Readonly<Record<Role, number>> = { member: 0, operator: 1, admin: 2 }

export const isAtLeast = ({ role }: UserRow, least: Role): boolean => rank[role] >= rank[least]

/** A task is its user's and the operators'; to others it does not exist. */
export function requireTask(actor: UserRow, task: TaskRow): TaskRow {
  if (task.user_id === actor.user_id || isAtLeast(actor, 'operator')) return task
  throw new Refusal('task_not_found', `There is no task ${task.task_id}.`)
}

/** Whether the actor may see the wiki: everybody what is public and stands, its owner and operators always. */
export function maySee(actor: UserRow, wiki: WikiRow): boolean {
  if (owns(actor, wiki)) return true
  return wiki.visibility === 'public' && standingStatuses.some((status) => status === wiki.status)
}

const owns = (actor: UserRow, wiki: WikiRow): boolean =>
  wiki.owner_id === actor.user_id || isAtLeast(actor, 'operator')

/** @throws Refusal `wiki_not_found` where it must stay hidden, `forbidden` where it may only be looked at */
export function requireOwner(actor: UserRow, wiki: WikiRow): WikiRow {
  if (owns(actor, wiki)) return wiki
  if (!maySee(actor, wiki)) throw new Refusal('wiki_not_found', `There is no wiki ${String(wiki.wiki_id)}.`)
  throw new Refusal('forbidden', `${wiki.address} belongs to somebody else.`)
}
