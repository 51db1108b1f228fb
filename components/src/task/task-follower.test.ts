// @vitest-environment happy-dom
import { eventually } from '@wikistead/test/eventually'
import type { Task, TaskEvent } from '@wikistead/contracts'
import { afterEach, expect, test } from 'vitest'
import { FarmApiError } from '../farm-api.ts'
import { TaskFollower, type Connection, type FollowedTask } from './task-follower.ts'

const encoder = new TextEncoder()
const frame = (id: number, event: TaskEvent): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const progress = (percent: number, phase: 'check_quota' | 'create_site' = 'create_site'): TaskEvent => ({
  ...{ type: 'progress', status: 'running', progress: percent, message: `at ${percent}`, phase },
})
const succeeded: TaskEvent = { type: 'status', status: 'succeeded', wiki_id: 7, message: 'ready' }

/** One answer to a request for events: what it sends, and how it ends. */
type Answer = { readonly send: readonly string[]; readonly then: 'end' | 'break' | 'stay' } | FarmApiError

/** A server that answers request after request as the test says. */
function scripted(answers: readonly Answer[], task?: () => Promise<Task>, backOffMs = 1) {
  const cursors: number[] = []
  const changes: FollowedTask[] = []
  let open = 0
  const follower = new TaskFollower({
    ...{ taskId: 't', plan: ['check_quota', 'create_site'], backOffMs: () => backOffMs, silenceMs: 60_000 },
    onChange: (followed) => changes.push(followed),
    api: {
      taskEvents: (_id, after, signal) => {
        const answer = answers[Math.min(cursors.length, answers.length - 1)]
        cursors.push(after)
        if (answer === undefined || answer instanceof FarmApiError)
          return Promise.reject(answer ?? new Error())
        open++
        signal.addEventListener('abort', () => open--)
        return Promise.resolve(
          new ReadableStream<Uint8Array>({
            start(controller) {
              controller.enqueue(encoder.encode(': open\n\n'))
              for (const text of answer.send) controller.enqueue(encoder.encode(text))
            },
            pull(controller) {
              if (answer.then === 'end') controller.close()
              if (answer.then === 'break') controller.error(new TypeError('network error'))
            },
          }),
        )
      },
      ...(task !== undefined && { getTask: task }),
    },
  })
  running.push(follower)
  return {
    ...{ follower, cursors, changes },
    get open() {
      return open
    },
    until: (connection: Connection) =>
      eventually(() => {
        expect(follower.followed.connection).toBe(connection)
        return follower.followed
      }),
  }
}

const running: TaskFollower[] = []
afterEach(() => {
  for (const follower of running.splice(0)) follower.stop()
})

const unreachable = new FarmApiError({ status: 0, code: 'unreachable' })

test('a stream that breaks is taken up where it was, and every event counts once', async () => {
  const server = scripted([
    { send: [frame(1, progress(10, 'check_quota')), frame(2, progress(40))], then: 'break' },
    { send: [frame(3, progress(70))], then: 'end' },
    { send: [frame(4, succeeded)], then: 'end' },
  ])
  server.follower.start()
  const { view } = await server.until('ended')
  expect(server.cursors).toEqual([0, 2, 3])
  expect(view).toMatchObject({ status: 'succeeded', progress: 100, usableWikiId: 7, lastEventId: 4 })
  expect(view.phases.map(({ state }) => state)).toEqual(['done', 'done'])
})

test('events that come in pieces, through the middle of a character, are read whole', async () => {
  const bytes = encoder.encode(frame(1, { ...succeeded, message: 'fertig: ä 维' }))
  const follower = new TaskFollower({
    ...{ taskId: 't', plan: [], onChange: () => undefined },
    api: {
      taskEvents: () => {
        let at = 0
        return Promise.resolve(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              if (at === bytes.length) controller.close()
              else controller.enqueue(bytes.slice(at, ++at))
            },
          }),
        )
      },
    },
  })
  running.push(follower)
  follower.start()
  await eventually(() => {
    expect(follower.followed.view.message).toBe('fertig: ä 维')
  })
})

test('where no stream can be had the task is asked for, and its end is believed', async () => {
  const task = {
    ...baseTask,
    status: 'succeeded',
    ended_at: '2026-01-01T00:00:00Z',
    last_event_id: 9,
  } as Task
  const server = scripted([unreachable], () => Promise.resolve(task))
  server.follower.start()
  expect((await server.until('ended')).view).toMatchObject({ status: 'succeeded', wikiId: 7 })
  expect(server.changes.some(({ connection }) => connection === 'polling')).toBe(true)
})

test('a refusal ends it, and says why', async () => {
  const server = scripted([new FarmApiError({ status: 404, code: 'task_not_found' })])
  server.follower.start()
  expect((await server.until('ended')).error?.code).toBe('task_not_found')
  expect(server.cursors).toHaveLength(1)
})

test('a fault of the server is waited out', async () => {
  const server = scripted([
    new FarmApiError({ status: 503, code: 'store_unavailable' }),
    { send: [frame(1, succeeded)], then: 'end' },
  ])
  server.follower.start()
  expect((await server.until('ended')).error).toBeUndefined()
})

test.each([
  ['back online', () => window.dispatchEvent(new Event('online'))],
  ['looked at again', () => document.dispatchEvent(new Event('visibilitychange'))],
])('%s, it does not wait for its turn', async (_when, happen) => {
  const server = scripted([unreachable, { send: [frame(1, succeeded)], then: 'end' }], undefined, 3_600_000)
  server.follower.start()
  await server.until('reconnecting')
  happen()
  expect((await server.until('ended')).view.status).toBe('succeeded')
})

test('another life begins with nothing done, and keeps the place in the log', async () => {
  const failed: TaskEvent = { type: 'status', status: 'failed', code: 'farm_unavailable', message: 'no' }
  const server = scripted([
    { send: [frame(1, progress(40)), frame(2, failed)], then: 'end' },
    {
      send: [frame(3, { type: 'reset', run: 2, message: 'again' }), frame(4, progress(10, 'check_quota'))],
      then: 'stay',
    },
  ])
  server.follower.start()
  expect((await server.until('ended')).view).toMatchObject({ status: 'failed', code: 'farm_unavailable' })
  server.follower.start()
  await eventually(() => {
    expect(server.follower.followed.view).toMatchObject({
      run: 2,
      status: 'running',
      code: undefined,
      lastEventId: 4,
    })
  })
  expect(server.cursors).toEqual([0, 2])
})

test('a log that starts again is another one', async () => {
  const server = scripted([
    { send: [frame(5, progress(60))], then: 'break' },
    { send: [frame(1, progress(10, 'check_quota')), frame(2, succeeded)], then: 'end' },
  ])
  server.follower.start()
  expect((await server.until('ended')).view).toMatchObject({ lastEventId: 2, status: 'succeeded' })
})

test('who stops following leaves no stream open', async () => {
  const server = scripted([{ send: [frame(1, progress(10))], then: 'stay' }])
  server.follower.start()
  await server.until('live')
  server.follower.stop()
  await eventually(() => {
    expect(server.open).toBe(0)
  })
})

const baseTask: Task = {
  ...{
    id: 't',
    kind: 'create_wiki',
    engine: 'fedwiki',
    status: 'running',
    phase: 'create_site',
    progress: 40,
  },
  ...{ message: '', code: null, warning: null, support_url: null, wiki_id: 7, user_id: 1, run: 1 },
  ...{ last_event_id: 3, created_at: '', updated_at: '', ended_at: null, change: null },
}
