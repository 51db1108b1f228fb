/**
 * The synchronous pattern: start the task, wait for its end on its own event stream, answer with the result. Who
 * leaves early cancels nothing.
 */
import { Refusal, StatusEvent, type TaskAccepted } from '@wikistead/contracts'
import { hasHadItsTurn, type Admitted } from '@wikistead/tasks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireActing } from '../access/acting.ts'
import { permissionFor } from '../access/enforce-permissions.ts'
import type { ApiDeps } from '../deps.ts'
import { parsePreference } from './preference.ts'

export interface TaskAnswer<T> {
  readonly status: 200 | 201
  /** How long the end is waited for unless the request says otherwise, in milliseconds. */
  readonly waitMs: number
  readonly location?: string
  readonly body: () => Promise<T>
}

/** Starts an admitted task, and answers its result when it ends within the wait, else `202` with the task. */
export async function answerTask<T>(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { task }: Admitted,
  answer: TaskAnswer<T>,
): Promise<T | TaskAccepted> {
  const { waitMs, applied } = parsePreference(request.headers['prefer']?.toString(), answer.waitMs)
  if (applied !== undefined) void reply.header('preference-applied', applied)
  void startWorkflow(deps, task)
  const end = waitMs > 0 ? await waitInPlace(deps, request, task, waitMs) : undefined
  if (end === undefined) {
    void reply.code(202).header('location', `/v1/tasks/${task.task_id}`)
    return { task_id: task.task_id, ...(task.wiki_id !== null && { wiki_id: task.wiki_id }) }
  }
  if (end.status === 'failed') {
    throw new Refusal(end.code ?? 'fault', end.message ?? '', { task_id: task.task_id })
  }
  void reply.code(answer.status)
  if (answer.location !== undefined) void reply.header('location', answer.location)
  return answer.body()
}

/** A start that Temporal does not take now is made good by the reconciler: the row is there. */
async function startWorkflow({ runs, logger }: ApiDeps, task: Admitted['task']): Promise<void> {
  // What waits for its turn is started when it comes.
  if (task.ended_at !== null || !hasHadItsTurn(task)) return
  try {
    await runs.start(task)
  } catch (error) {
    logger.warn({ err: error, task_id: task.task_id }, 'Temporal did not take the task; it is started later')
  }
}

/** Where there is no place to wait in, nobody waits. */
async function waitInPlace(
  deps: ApiDeps,
  request: FastifyRequest,
  task: Admitted['task'],
  waitMs: number,
): Promise<StatusEvent | undefined> {
  const acting = requireActing(request)
  const permission = permissionFor(request)
  const place = request.server.openStreams.takeIfFree({ acting, permission, task })
  try {
    return place && (await waitForEnd(deps, request, task.task_id, waitMs, place.signal))
  } finally {
    place?.leave()
  }
}

async function waitForEnd(
  { events, logger }: ApiDeps,
  { raw }: FastifyRequest,
  taskId: string,
  waitMs: number,
  mayNot: AbortSignal,
): Promise<StatusEvent | undefined> {
  const gone = new AbortController()
  const leave = (): void => {
    gone.abort()
  }
  raw.socket.once('close', leave)
  try {
    const signal = AbortSignal.any([gone.signal, mayNot, AbortSignal.timeout(waitMs)])
    let end: StatusEvent | undefined
    for await (const { type, json } of events.follow(taskId, 0, signal)) {
      // A later life may follow a status; what counts is the last one.
      end = type === 'status' ? StatusEvent.parse(JSON.parse(json)) : undefined
    }
    return end
  } catch (error) {
    logger.warn({ err: error, task_id: taskId }, 'the end of a task could not be waited for')
    return undefined
  } finally {
    raw.socket.off('close', leave)
  }
}
