import { ListTasks, Refusal, Task, TaskAccepted, TaskList } from '@wikistead/contracts'
import { cancelTask, placeInLine, retryTask } from '@wikistead/tasks'
import { z } from 'zod'
import { isAtLeast, requireActing, requireActor } from '../../access/acting.ts'
import { decodeCursor, encodeCursor } from '../../answers/cursor.ts'
import type { ApiDeps } from '../../deps.ts'
import { requireProven } from '../../access/proven-domain.ts'
import type { UserRow } from '@wikistead/store'
import { permissionFor, taskOf } from '../../access/enforce-permissions.ts'
import { presentTask, presentTasks } from '../../answers/present.ts'
import { phaseTimes } from '../../answers/phase-times.ts'
import { refused, type Routes } from '../../routes.ts'
import { sendFrames } from '../../answers/sse.ts'
import { taskFrames } from '../../answers/task-frames.ts'

/** Printable ASCII: MariaDB's column of ids compares with nothing else. */
const TaskId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'not the id of a task')
const TaskParams = z.object({ id: TaskId })

export function taskRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps

  routes.get(
    '/v1/tasks',
    {
      schema: {
        tags: ['tasks'],
        summary: 'My tasks, newest first; an operator sees all',
        querystring: ListTasks,
        response: { 200: TaskList, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request)
      const { cursor, limit, status, kind, wiki, user, since } = request.query
      const seesAll = isAtLeast(actor, 'operator')
      if (!seesAll && user !== undefined && user !== actor.user_id) {
        throw new Refusal('forbidden', 'Whose tasks these are, only they and operators see.')
      }
      const userId = seesAll ? user : actor.user_id
      const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number(), TaskId]))
      const rows = await store.tasks.list({
        limit: limit + 1,
        ...(before !== undefined && { before: { createdAt: before[0], taskId: before[1] } }),
        ...(status !== undefined && { status }),
        ...(kind !== undefined && { kind }),
        ...(wiki !== undefined && { wikiId: wiki }),
        ...(userId !== undefined && { userId }),
        ...(since !== undefined && { since: Date.parse(since) }),
      })
      const tasks = rows.slice(0, limit)
      const last = tasks.at(-1)
      const more = rows.length > limit && last !== undefined
      return {
        tasks: await presentTasks(store, tasks),
        next_cursor: more ? encodeCursor([last.created_at, last.task_id]) : null,
      }
    },
  )

  oneTaskRoutes(routes, deps, '/v1')
}

/** Under both of the API's prefixes. */
export function oneTaskRoutes(routes: Routes, deps: ApiDeps, prefix: string): void {
  const { store, runs, events } = deps
  const control = {
    store,
    runs,
    lanes: deps.limits,
    siteLimit: deps.fedwiki?.siteLimit ?? 0,
    wikiLimit: deps.mediawiki?.wikiLimit ?? 0,
  }
  const tags = prefix === '/v1' ? ['tasks'] : ['for the MediaWiki extension']

  routes.get(
    `${prefix}/tasks/:id`,
    {
      schema: {
        tags,
        summary: 'One task: the polling twin of its events',
        params: TaskParams,
        response: { 200: Task, ...refused },
      },
    },
    async (request) => {
      const task = taskOf(request)
      const phases = phaseTimes(await store.tasks.happened(task.task_id))
      return { ...presentTask(task), phases, ...(await placeInLine(store, task, deps.limits)) }
    },
  )

  routes.get(
    `${prefix}/tasks/:id/events`,
    {
      schema: {
        tags,
        summary: 'The task’s history and what comes, as server-sent events',
        description:
          'Events `progress`, `status`, `log` and `reset`, each with an `id`; `Last-Event-ID` (or `after`) replays what was missed. The stream ends after the `status` of the task’s latest life, and within seconds when whoever follows it may no longer ask for it. Who follows too many is refused (`too_many_streams`) with `Retry-After`.',
        params: TaskParams,
        headers: z.object({ 'last-event-id': z.coerce.number().int().nonnegative().optional() }),
        querystring: z.object({
          after: z.coerce.number().int().nonnegative().default(0),
          follow: z.enum(['0', '1']).default('1').describe('0: end with what there is'),
        }),
        produces: ['text/event-stream'],
        response: { ...refused },
      },
    },
    async (request, reply) => {
      const task = taskOf(request)
      const { task_id: taskId } = task
      const acting = requireActing(request)
      const place = request.server.openStreams.take({ acting, permission: permissionFor(request), task })
      const after = request.headers['last-event-id'] ?? request.query.after
      return sendFrames(reply, place, (signal) =>
        taskFrames(events, taskId, after, signal, {
          follow: request.query.follow === '1',
          ...(deps.heartbeatMs !== undefined && { heartbeatMs: deps.heartbeatMs }),
        }),
      )
    },
  )

  routes.post(
    `${prefix}/tasks/:id/retry`,
    {
      schema: {
        tags,
        summary: 'Try now instead of later, or give a failed task a new life',
        params: TaskParams,
        response: { 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      await requireProvenAgain(requireActor(request), request.params.id)
      const task = await retryTask(control, request.params.id)
      return reply
        .code(202)
        .header('location', `${prefix}/tasks/${task.task_id}`)
        .send({ task_id: task.task_id })
    },
  )

  routes.post(
    `${prefix}/tasks/:id/cancel`,
    {
      schema: {
        tags,
        summary: 'End the task and undo what it made',
        params: TaskParams,
        response: { 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const task = await cancelTask(control, request.params.id)
      return reply
        .code(202)
        .header('location', `${prefix}/tasks/${task.task_id}`)
        .send({ task_id: task.task_id })
    },
  )

  /** What failed long ago would take its custom domain again. */
  async function requireProvenAgain(actor: UserRow, taskId: string): Promise<void> {
    const { kind, status, wiki_id: wikiId, user_id: userId } = await store.tasks.get(taskId)
    if (status !== 'failed' || wikiId === null) return
    const brings = kind === 'create_wiki' || kind === 'restore_wiki'
    if (!brings && (await store.transfers.byTask(taskId)) === undefined) return
    await requireProven(deps, actor, await store.wikis.get(wikiId), userId)
  }
}
