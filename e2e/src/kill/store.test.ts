/** The MariaDB store is stopped or killed during tasks; the API says so, and nothing is lost. */
import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sentences } from '@wikistead/contracts'
import { startMariadb } from '@wikistead/test/mariadb'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { full, KillWorld } from '../../test/kill-world.ts'
import type { Stop } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: KillWorld
let mariadb: Awaited<ReturnType<typeof startMariadb>>
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-mariadb-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await startStore()
  const { socketPath } = mariadb
  const connection = await createConnection({ socketPath, user: 'root' })
  await connection.query('CREATE DATABASE store')
  await connection.end()
  world = started.use(
    await KillWorld.start({ storePlace: { engine: 'mariadb', socketPath, user: 'root', database: 'store' } }),
  )
  await world.startWorker()
})
afterAll(() => started.disposeAsync())

/** On the same folder and socket. */
async function startStore(): Promise<void> {
  mariadb = started.use(await startMariadb(folder))
}
const stopStore = () => mariadb[Symbol.asyncDispose]()

async function attempted(which: Partial<Stop>): Promise<void> {
  await eventually(() => {
    expect(world.worker.stops).toContainEqual(expect.objectContaining({ when: 'before', ...which }))
  })
}

test('a quota check uses up its three attempts, then the undoing waits for the store, and the name is free again', async () => {
  const stop = world.worker.hold(({ when, domain }) => when === 'before' && domain === full('quota'))
  const taskId = await world.create('quota')
  await stop.reached
  await stopStore()
  stop.letGo()
  await attempted({ taskId, activity: 'CheckQuotaActivity', attempt: 3 })
  await attempted({ taskId, activity: 'RollbackFedWikiTaskActivity', attempt: 2 })
  await startStore()
  const task = await world.expectEnd(taskId, { status: 'failed', code: 'store_unavailable' })
  expect(task.message).toBe(sentences.store_unavailable)
  await world.expectNoSite('quota')
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', run: 2 })
  })
  await world.expectOneSite('quota')
})

test('a creation that the farm has done is told when the store is back', async () => {
  const answer = world.gate.hold(
    'answer',
    ({ method, domain }) => method === 'POST' && domain === full('done'),
  )
  const taskId = await world.create('done')
  await answer.arrived
  await stopStore()
  answer.letGo()
  await attempted({ taskId, activity: 'CreateFedWikiSiteActivity', attempt: 3 })
  await startStore()
  await world.expectEnd(taskId, { status: 'succeeded' })
  await world.expectOneSite('done')
})

test('a store that is killed and comes back loses nothing that it had taken', async () => {
  const labels = ['killed-a', 'killed-b', 'killed-c', 'killed-d']
  const answers = labels.map((label) =>
    world.gate.hold('answer', ({ method, domain }) => method === 'POST' && domain === full(label)),
  )
  const taskIds = await Promise.all(labels.map((label) => world.create(label)))
  await Promise.all(answers.map(({ arrived }) => arrived))
  const { pid, restarts } = mariadb.state
  process.kill(-(pid ?? 0), 'SIGKILL')
  for (const answer of answers) answer.letGo()
  await eventually(() => {
    expect(mariadb.state).toMatchObject({ kind: 'ready', restarts: restarts + 1 })
  })
  for (const [index, taskId] of taskIds.entries()) {
    await world.expectEnd(taskId, { status: 'succeeded' })
    await world.expectOneSite(labels[index] ?? '')
  }
})

test('meanwhile the API lives, answers problems, says what is down, and recovers by itself', async () => {
  await stopStore()
  for (const [method, path] of [
    ['GET', '/v1/wikis'],
    ['POST', '/v1/wikis'],
    ['GET', '/v1/tasks'],
  ] as const) {
    const body = method === 'POST' ? { engine: 'fedwiki', domain: 'nowhere' } : undefined
    const answer = await world.stack.call(method, path, body)
    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body).toMatchObject({ status: answer.status, request_id: expect.any(String) as string })
    expect(JSON.stringify(answer.body)).not.toMatch(/mariadb|socket|sql/i)
  }
  expect(await world.stack.call('GET', '/healthz')).toMatchObject({ status: 200 })
  const ready = await world.stack.call<{ parts: { part: string; ok: boolean }[] }>('GET', '/readyz')
  expect(ready).toMatchObject({ status: 503, body: { status: 'down' } })
  expect(ready.body.parts).toContainEqual(expect.objectContaining({ part: 'store', ok: false }))
  await startStore()
  await expect.poll(async () => (await world.stack.call('GET', '/v1/wikis')).status).toBe(200)
  expect(await world.stack.store.wikis.byClaim('fedwiki', full('nowhere'))).toBeUndefined()
  await world.expectEnd(await world.create('after-all'), { status: 'succeeded' })
})
