import { randomUUID } from 'node:crypto'
import type { TaskEvent } from '@wikistead/contracts'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRelay } from '../test/relay.ts'
import { resultOf, startCli } from '../test/run-cli.ts'
import { ApiClient } from './api-client.ts'
import { followTask } from './follow-task.ts'

const started = new AsyncDisposableStack()
let stack: Stack

beforeAll(async () => {
  // The test itself writes what a worker would.
  stack = started.use(await startStack({ farmUrl: 'http://127.0.0.1:9', run: ['api'] }))
})
afterAll(() => started.disposeAsync())

async function newTask(taskId: string = randomUUID()): Promise<string> {
  await stack.store.transaction((scope) =>
    scope.tasks.insert({
      ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId: 1, message: 'Waiting.' },
      ...{ workflowType: 'None', input: {} },
    }),
  )
  return taskId
}

async function tell(taskId: string, event: TaskEvent): Promise<void> {
  await stack.store.transaction((scope) => scope.tasks.append({ taskId, run: 1, event }))
}

const step = (progress: number): TaskEvent => ({
  ...{ type: 'progress', status: 'running', progress, message: `Step ${String(progress)} — ü 🌱` },
})
const end: TaskEvent = { type: 'status', status: 'succeeded', message: 'It is done.' }

test('a watch gets every event once and in order, however often its connection is cut', async () => {
  await using relay = await startRelay(stack.url)
  const taskId = await newTask()
  await using watching = startCli(['watch', taskId, '--json'], {
    env: { WIKISTEAD_API: relay.url, WIKISTEAD_TOKEN: stack.token },
  })
  await expect.poll(() => watching.stdout).toContain('Waiting.')
  for (let told = 1; told <= 60; told += 1) {
    await tell(taskId, step(told))
    if (told % 3 === 0) relay.cut()
    if (told === 30) {
      relay.down(true)
      await tell(taskId, {
        type: 'log',
        phase: 'create_site',
        stream: 'stdout',
        line: 'while nobody could hear',
      })
      relay.down(false)
    }
    // At every sixth the connection may stand again before it is cut once more.
    if (told % 6 === 0) await expect.poll(() => watching.stdout).toContain(`"Step ${String(told)} `)
  }
  await tell(taskId, end)
  const { code, events, stderr } = resultOf(watching, await watching.ended)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const stored = await stack.store.tasks.eventsAfter(taskId, 0, 1000)
  expect(
    events.slice(0, -1).map(({ id, event: type, task_id, ...rest }) => ({ id, ...rest, type, task_id })),
  ).toEqual(stored.map(({ seq, json }) => ({ id: seq, ...(JSON.parse(json) as object), task_id: taskId })))
  expect(relay.connections).toBeGreaterThan(10)
})

test('in words, a lost connection is told of, and that it is back', async () => {
  await using relay = await startRelay(stack.url)
  const taskId = await newTask()
  await using watching = startCli(['watch', taskId], {
    env: { WIKISTEAD_API: relay.url, WIKISTEAD_TOKEN: stack.token },
  })
  await expect.poll(() => watching.stdout).toContain('Waiting.')
  relay.down(true)
  await expect.poll(() => watching.stdout).toContain('The connection to the API is lost; trying again.')
  relay.down(false)
  await expect.poll(() => watching.stdout).toContain('The connection is back.')
  await tell(taskId, end)
  expect(await watching.ended).toBe(0)
  expect(watching.stdout.match(/is lost/g)).toHaveLength(1)
  expect(watching.stdout).toMatch(/It is done\.\n$/)
})

test('an API that stays away is given up', async () => {
  await using relay = await startRelay(stack.url)
  const taskId = await newTask()
  const api = new ApiClient({ url: relay.url, token: stack.token, tokenFrom: '' })
  const following = followTask(api, taskId, { patienceMs: 300 })
  expect(await following.next()).toMatchObject({ value: { id: 1 } })
  relay.down(true)
  await expect(following.next()).rejects.toMatchObject({ exit: 'unreachable' })
})

test('a task that is about to be is waited for, and one that is refused is not', async () => {
  const api = new ApiClient({ url: stack.url, token: stack.token, tokenFrom: '' })
  const taskId = `sync-${randomUUID()}`
  const following = followTask(api, taskId, { unknownForMs: 20_000 })
  const first = following.next()
  await expect(followTask(api, taskId).next()).rejects.toMatchObject({ details: { code: 'task_not_found' } })
  await newTask(taskId)
  expect(await first).toMatchObject({ value: { id: 1, event: { message: 'Waiting.' } } })
  await following.return(undefined)

  const stranger = new ApiClient({ url: stack.url, token: 'unknown', tokenFrom: 'the wrong one' })
  await expect(followTask(stranger, taskId, { unknownForMs: 20_000 }).next()).rejects.toMatchObject({
    ...{ exit: 'refused', details: { code: 'unauthenticated' } },
  })
})
