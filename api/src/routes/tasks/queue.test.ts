/** A farm that makes one site at a time and lets two wait: what those hear who come after them. */
import {
  startApiUnderTest,
  type ApiAnswer,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let api: ApiUnderTest
let ada: Asker
const answers: ApiAnswer[] = []

beforeAll(async () => {
  const limits = { fedwikiCreations: 1, longestQueue: 2 }
  api = started.use(await startApiUnderTest({ deps: { limits } }))
  ada = await api.user('ada')
  for (const domain of ['one', 'two', 'three', 'four'])
    answers.push(await api.ask('POST', '/v1/wikis', { as: ada, body: { engine: 'fedwiki', domain } }))
})
afterAll(() => started.disposeAsync())

const task = async (answer: ApiAnswer | undefined) =>
  (await api.ask('GET', `/v1/tasks/${String(answer?.body['task_id'])}`, { as: ada })).body

test('whoever has their turn has no place; those who wait have, and about when once that is known', async () => {
  const [one, two, three] = answers
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429])
  expect(await task(one)).not.toHaveProperty('place')
  expect(await task(two)).toMatchObject({ status: 'queued', place: 1 })
  expect(await task(three)).toMatchObject({ status: 'queued', place: 2 })
  expect(await task(three)).not.toHaveProperty('expected_at')
  await api.store.transaction((scope) =>
    scope.tasks.append({
      ...{ taskId: String(one?.body['task_id']), run: 1, event: { type: 'status', status: 'succeeded' } },
    }),
  )
  expect(await task(three)).toMatchObject({ place: 2, expected_at: expect.any(String) as string })
})

test('operators see how many wait for a host', async () => {
  await api.store.hosts.beat('here', null, 1)
  const waits = { place: 1 }
  for (const n of [1, 2, 3]) {
    await api.store.transaction((scope) =>
      scope.tasks.insert({
        ...({
          taskId: `waits-${String(n)}`,
          kind: 'create_wiki',
          engine: 'mediawiki',
          wikiId: null,
        } as const),
        ...{ userId: 1, workflowType: 'CreateMediaWikiWorkflow', input: {}, message: 'Making it.' },
        // The first has its place.
        turn: { lane: 'create', host: 'here', turn: n, waits: n === 1 ? undefined : waits },
      }),
    )
  }
  const { body } = await api.ask('GET', '/v1/hosts', { as: await api.user('otto', 'operator') })
  expect(body).toMatchObject({ hosts: [{ host: 'here', creations: 1, waiting: 2 }] })
})

test('a full queue is told with when to come again, and makes nothing', async () => {
  const [, , , refused] = answers
  const seconds = (refused?.body['details'] as { readonly retry_after_seconds?: number }).retry_after_seconds
  expect(refused).toMatchObject({ body: { code: 'queue_full' }, headers: { 'retry-after': String(seconds) } })
  expect(seconds).toBeGreaterThan(0)
  const { body } = await api.ask('GET', '/v1/names/fedwiki/four', { as: ada })
  expect(body).toMatchObject({ state: 'free' })
})

test('who is cancelled while they wait need not have their turn for it', async () => {
  const [, two] = answers
  const id = String(two?.body['task_id'])
  expect(await api.ask('POST', `/v1/tasks/${id}/cancel`, { as: ada })).toMatchObject({ status: 202 })
  expect(await task(two)).toMatchObject({ status: 'failed', code: 'cancelled' })
  expect((await api.ask('GET', '/v1/names/fedwiki/two', { as: ada })).body).toMatchObject({ state: 'free' })
})
