/** The one place where the table of permissions is held against a request. */
import { Refusal, type TokenScope } from '@wikistead/contracts'
import type { Store, TaskRow, WikiRow } from '@wikistead/store'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  isAtLeast,
  requireActing,
  requireRole,
  requireScope,
  type Acting,
  type ActingSource,
} from './acting.ts'
import { ofOperator, requireTask, requireVisible, requireWiki } from './ownership.ts'
import { isGrave, requireFresh, usualFreshForMs, type FreshSignIns } from './fresh-sign-in.ts'
import type { RateLimiter } from './rate-limits.ts'
import { permissionOf, type Permission } from './permissions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    permission: Permission | undefined
    about: { readonly wiki?: WikiRow; readonly task?: TaskRow }
  }
  interface FastifyInstance {
    /** Method and pattern of each route that was registered; HEAD is as GET. */
    everyRoute: ReadonlySet<string>
    /** For what is one of the gravest acts by what stands in the store. @throws Refusal `fresh_sign_in_required`, `scope_missing` */
    requireFresh: (request: FastifyRequest) => void
  }
}

/** What the route is about; the one who asks may do what the table says to it. */
export function wikiOf({ about: { wiki } }: FastifyRequest): WikiRow {
  if (wiki === undefined) throw new Error('the table does not say that this route is of a wiki')
  return wiki
}

/** By which line of the table the request was let in. */
export function permissionFor({ permission }: FastifyRequest): Permission {
  if (permission === undefined) throw new Error('the request was let in by no line of the table')
  return permission
}

export function taskOf({ about: { task } }: FastifyRequest): TaskRow {
  if (task === undefined) throw new Error('the table does not say that this route is of a task')
  return task
}

/** To be called before any route is registered. `sources` are asked in their order. */
export function enforcePermissions(
  app: FastifyInstance,
  store: Store,
  sources: readonly ActingSource[],
  limit: RateLimiter,
  fresh: FreshSignIns = { freshForMs: usualFreshForMs },
): void {
  const routes = new Set<string>()
  app.decorate('everyRoute', routes)
  app.decorate('requireFresh', (request: FastifyRequest) => {
    requireFresh(requireActing(request), fresh, store.now())
  })
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.add(`${each} ${url}`)
      if (permissionOf(each, url) !== undefined) continue
      throw new Error(`${each} ${url} has no line in api/src/access/permissions.ts: say who may ask it`)
    }
  })
  app.decorateRequest('acting', undefined)
  app.decorateRequest('permission', undefined)
  app.decorateRequest('about')

  // Before anything else of a request is looked at: to a stranger all of them look alike.
  app.addHook('onRequest', async (request, reply) => {
    request.about = {}
    if (request.is404) return
    const permission = permissionOf(request.method, request.routeOptions.url ?? '')
    if (permission === undefined) throw new Error(`${request.url} is no route of the table`)
    request.permission = permission
    const { scope, limit: group, limitsFailures } = permission
    if (scope !== null) {
      try {
        request.acting = await firstOf(sources, request)
      } finally {
        // Also where what it showed does not hold.
        await limit(request, reply, 'all')
      }
    }
    if (group !== undefined && limitsFailures !== true) await limit(request, reply, group)
    if (scope !== null) requirePermission(request, permission)
  })

  // Whose it is can be asked once the id has been read. Nobody signs in anew only to hear that they may not.
  app.addHook('preHandler', async (request) => {
    const { permission, acting, params } = request
    if (permission === undefined) return
    if (permission.of !== undefined) {
      const { id, slug } = params as { readonly id: never; readonly slug: string }
      request.about =
        permission.by === 'slug'
          ? await aboutSlug(store, permission, acting, slug)
          : await aboutOf(store, permission, acting, id)
    }
    if (isGrave(permission, request)) app.requireFresh(request)
  })
}

async function aboutOf(
  store: Store,
  { who, of, scope, nobodyElse }: Permission,
  acting: Acting | undefined,
  id: never,
): Promise<FastifyRequest['about']> {
  if (of === 'wiki' && who === 'anyone') return { wiki: requireVisible(acting, await store.wikis.get(id)) }
  if (acting === undefined || scope === null || scope === 'session') {
    throw new Error('the table asks whose something is of nobody in particular')
  }
  if (of === 'wiki')
    return { wiki: requireWiki(acting, await store.wikis.get(id), scope, nobodyElse ?? false) }
  if (of === 'task') return { task: requireTask(acting, await store.tasks.get(id), scope) }
  if (acting.user.user_id !== id) requireRole(acting, 'operator')
  return {}
}

/** A slug that no wiki has says nothing of anybody's. */
async function aboutSlug(
  store: Store,
  { scope, nobodyElse }: Permission,
  acting: Acting | undefined,
  slug: string,
): Promise<FastifyRequest['about']> {
  if (acting === undefined || scope === null || scope === 'session') {
    throw new Error('the table asks whose something is of nobody in particular')
  }
  const wiki = await store.wikis.byClaim('mediawiki', slug)
  return wiki === undefined ? {} : { wiki: requireWiki(acting, wiki, scope, nobodyElse ?? false) }
}

async function firstOf(sources: readonly ActingSource[], request: FastifyRequest) {
  for (const source of sources) {
    const acting = await source(request)
    if (acting !== undefined) return acting
  }
  return undefined
}

/** Whether somebody may go on with what they were let do with a task: the same as if they asked now. */
export function mayStill(
  acting: Acting | undefined,
  permission: Permission,
  task: Pick<TaskRow, 'task_id' | 'user_id'>,
): boolean {
  const { scope } = permission
  if (acting === undefined || scope === null || scope === 'session') return false
  try {
    requirePermission({ acting }, permission)
    requireTask(acting, task, scope)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** @throws Refusal `unauthenticated`, `blocked`, `forbidden`, `scope_missing` */
function requirePermission(
  request: Pick<FastifyRequest, 'acting'>,
  { who, scope, byToken }: Permission,
): void {
  if (request.acting === undefined && who === 'anyone') return
  const acting = requireActing(request)
  if (acting.user.blocked_at !== null) {
    throw new Refusal('blocked', 'This account is blocked. Ask an operator of the farm why.')
  }
  if (who === 'operator' || who === 'admin') requireRole(acting, who)
  if (byToken === true && acting.by !== 'token') {
    throw new Refusal('forbidden', 'This is for a token. In another browser, sign in there.')
  }
  if (scope === 'session') {
    if (acting.by !== 'session') throw new Refusal('forbidden', 'This is for a browser that is signed in.')
  } else if (scope !== null && !(who === 'owner' && standsIn(acting, scope))) requireScope(acting, scope)
}

/** An operator's token may do without the owner's scope; whose the thing is then says which it needs. */
const standsIn = ({ user, scopes }: Acting, scope: TokenScope): boolean =>
  isAtLeast(user, 'operator') && scopes.has(ofOperator(scope))
