/** The streams of tasks that a worker runs against a scripted farm: from the request to the end, and on into a new life. */
import { eventually } from '@wikistead/test/eventually'
import { setImmediate } from 'node:timers/promises'
import { startFarmGate, type FarmGate } from '@wikistead/test/farm-gate'
import { hurry } from '@wikistead/test/hurry'
import { json, startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followWithCuts, seededRandom } from '../../test/cut-follower.ts'
import { readStream, type Frame } from '../../test/event-stream.ts'
import { nastyLine, storedLog, writeLines } from '../../test/task-log.ts'

let started: AsyncDisposableStack
let farm: ScriptedFarm
let gate: FarmGate
let stack: Stack

beforeAll(async () => {
  started = new AsyncDisposableStack()
  farm = started.use(await startScriptedFarm())
  gate = started.use(await startFarmGate(farm.url))
  stack = started.use(await startStack({ farmUrl: gate.url, worker: { interceptors: [hurry(() => true)] } }))
})
afterAll(() => started.disposeAsync())

/** Asks for a site without waiting for it. */
async function begin(label: string): Promise<string> {
  const answer = await stack.call<{ task_id: string }>(
    ...(['POST', '/v1/wikis', { engine: 'fedwiki', domain: label }] as const),
    { headers: { prefer: 'respond-async' } },
  )
  expect(answer.status).toBe(202)
  return answer.body.task_id
}

const place = (taskId: string) => ({ url: stack.url, token: stack.token, taskId })
const parsed = (frames: readonly Frame[]) =>
  frames.map(({ data }) => JSON.parse(data) as Record<string, unknown>)

test('a creation is followed from its first event to its end, however often the client is cut off', async () => {
  using held = gate.hold((method) => method === 'POST')
  const taskId = await begin('followed')
  let cutting = true
  const followers = Array.from({ length: 3 }, (_, at) =>
    followWithCuts({ place: () => place(taskId), random: seededRandom(at), cutting: () => cutting }),
  )
  await held.arrived
  // The farm has the site, and the worker does not know it: meanwhile the task has much to say.
  const random = seededRandom(5)
  while (followers.some(({ cuts }) => cuts < 20)) {
    await writeLines(stack.store, taskId, [nastyLine(random)])
    // SQLite writes without letting go; the followers live in this process.
    await setImmediate()
  }
  cutting = false
  held.release()
  const logs = await Promise.all(followers.map(({ followed }) => followed))
  const stored = await storedLog(stack.store, taskId)
  for (const { log } of logs) expect(log).toEqual(stored)
  expect(stored[0]).toMatchObject({ id: 1, event: 'progress' })
  expect(stored.map(({ id }) => id)).toEqual(stored.map((_, at) => at + 1))
  expect(parsed(stored.slice(-1))).toMatchObject([{ type: 'status', status: 'succeeded' }])
})

test('a failed task that is tried again goes on in the same log: a reset, and a new life to its end', async () => {
  farm.script({ method: 'POST', domain: 'second-try.wiki.localhost', trouble: json(400, { error: 'No' }) })
  const taskId = await begin('second-try')
  const first = await readStream(place(taskId))
  expect(first.end).toBe('ended')
  expect(parsed(first.frames).at(-1)).toMatchObject({
    type: 'status',
    status: 'failed',
    code: 'farm_rejected',
  })

  farm.heal('second-try.wiki.localhost')
  using held = gate.hold((method) => method === 'POST')
  expect(await stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  const lastEventId = first.frames.at(-1)?.id
  let heard = 0
  const following = readStream(place(taskId), { lastEventId, onFrame: () => (heard += 1) })
  await held.arrived
  await eventually(() => expect(heard).toBeGreaterThanOrEqual(2), 20)
  held.release()
  const second = await following
  expect(second.frames.slice(0, 2)).toMatchObject([{ event: 'reset' }, { event: 'progress' }])
  expect(parsed(second.frames)[0]).toMatchObject({ type: 'reset', run: 2 })
  expect(parsed(second.frames).at(-1)).toMatchObject({ type: 'status', status: 'succeeded' })
  const stored = await storedLog(stack.store, taskId)
  expect([...first.frames, ...second.frames]).toEqual(stored)
  expect((await readStream(place(taskId))).frames).toEqual(stored)
})

test('each failed attempt is an event at once, with its cause and the time of the next', async () => {
  farm.script({ method: 'POST', domain: 'third-time.wiki.localhost', trouble: json(503, {}), times: 2 })
  const { frames } = await readStream(place(await begin('third-time')))
  const attempts = parsed(frames).flatMap(({ failed_attempt: failed }) =>
    failed === undefined ? [] : [failed],
  )
  expect(attempts).toEqual(
    [1, 2].map((attempt) => ({
      attempt,
      code: 'farm_unavailable',
      cause: 'The farm is in trouble (503).',
      next_attempt_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    })),
  )
  expect(parsed(frames).at(-1)).toMatchObject({ type: 'status', status: 'succeeded' })
})

test('a sync is followed by the task that its trigger names, from the first moment', async () => {
  const { body } = await stack.call<{ task_id: string }>('POST', '/v1/fedwiki/sync/trigger', {})
  const { frames, end } = await readStream(place(body.task_id))
  expect(end).toBe('ended')
  expect(frames).toEqual(await storedLog(stack.store, body.task_id))
  expect(parsed(frames).at(-1)).toMatchObject({ type: 'status', status: 'succeeded' })
})
