/** The Temporal server is killed (SIGKILL) under every activity, is away, or comes back without its memory. */
import { eventually } from '@wikistead/test/eventually'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { full, KillWorld } from '../../test/kill-world.ts'
import { bringTo, hasPoint, points, type Begun, type Point, type Standing } from './points.ts'
import { siteTasks, syncTask, type SiteTask } from './site-tasks.ts'

const started = new AsyncDisposableStack()
let world: KillWorld

beforeAll(async () => {
  world = started.use(
    await KillWorld.start({
      storeEngine: 'mariadb',
      settings: {
        'fedwiki-sync-enabled': 'true',
        'fedwiki-sync-interval': '30d',
        'fedwiki-sync-default-user-id': '1',
        'fedwiki-sync-trigger-immediately': 'false',
      },
    }),
  )
  await world.startWorker()
})
afterAll(() => started.disposeAsync())

async function killUnder(tasks: readonly SiteTask[], point: Point): Promise<readonly Begun[]> {
  // First and second attempts together must fit into the worker's eight slots.
  if (point.key === 'after' && tasks.length > 4) {
    return [...(await killUnder(tasks.slice(0, 4), point)), ...(await killUnder(tasks.slice(4), point))]
  }
  const standing = await bringTo(world, point, tasks)
  const back = world.killTemporal()
  // What was done meanwhile cannot be told; what has not begun is begun without anybody who would hear of it.
  if (point.key !== 'after') await standing.release()
  await back
  if (point.key === 'after') {
    await secondAttempts(standing)
    await standing.release()
  }
  return standing.begun
}

/** The first answer is late by more than a heartbeat, so it is lost, and the activity runs again. */
async function secondAttempts({ begun }: Standing): Promise<void> {
  for (const { taskId, task } of begun) {
    await eventually(() =>
      expect(world.worker.stops).toContainEqual(
        expect.objectContaining({ taskId, activity: task.activity, attempt: 2 }),
      ),
    )
  }
}

describe.each(points)('Temporal is killed $name', (point) => {
  let begun: readonly Begun[] = []
  beforeAll(async () => {
    begun = await killUnder(
      siteTasks.filter((task) => hasPoint(task, point)),
      point,
    )
  })
  test.each(siteTasks.filter((task) => hasPoint(task, point)))('$activity', async (task) => {
    const { label = '', taskId = '' } = begun.find((each) => each.task === task) ?? {}
    await task.expectEnd(world, label, taskId)
  })
  test.runIf(hasPoint(syncTask, point))(syncTask.activity, async () => {
    const [begun] = await killUnder([syncTask], point)
    await syncTask.expectEnd(world, '', begun?.taskId ?? '')
  })
})

test('what is asked for while Temporal is away is accepted, can be cancelled, and runs when it is back', async () => {
  await world.stopTemporal()
  const [made, cancelled] = await Promise.all([world.create('asked-made'), world.create('asked-cancelled')])
  expect(await world.stack.call('POST', `/v1/tasks/${cancelled}/cancel`)).toMatchObject({ status: 202 })
  expect(await world.told(made)).toMatchObject([{ type: 'progress', status: 'queued' }])
  expect(await world.stack.call('GET', '/readyz')).toMatchObject({ body: { status: 'degraded' } })
  await world.startTemporal()
  await world.expectEnd(made, { status: 'succeeded' })
  await world.expectOneSite('asked-made')
  await world.expectEnd(cancelled, { status: 'failed', code: 'cancelled' })
  await world.expectNoSite('asked-cancelled')
  expect(world.creations('asked-cancelled')).toBe(0)
})

test('a Temporal that lost everything is noticed, and what was under way goes on from the rows', async () => {
  const schedule = () => world.stack.call('GET', '/v1/fedwiki/sync')
  const paused = { enabled: true, paused: true, note: 'while we look', interval_seconds: 30 * 86_400 }
  await world.stack.call('POST', '/v1/fedwiki/sync/pause', { note: 'while we look' })
  expect(await schedule()).toMatchObject({ body: paused })
  const before = await world.create('lost-before')
  await world.expectEnd(before, { status: 'succeeded' })
  const answer = world.gate.hold(
    'answer',
    ({ method, domain }) => method === 'POST' && domain === full('lost-amid'),
  )
  const amid = await world.create('lost-amid')
  await answer.arrived
  await world.stopTemporal()
  const queued = await world.create('lost-queued')
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(world.temporalFolder, `temporal.db${suffix}`), { force: true })
  }
  await world.startTemporal()
  await expect.poll(async () => (await world.stack.store.alarms.open('temporal_replaced')).length).toBe(1)
  answer.drop()
  for (const [label, taskId] of [
    ['lost-before', before],
    ['lost-amid', amid],
    ['lost-queued', queued],
  ] as const) {
    await world.expectEnd(taskId, { status: 'succeeded' })
    await world.expectOneSite(label)
  }
  await eventually(async () => {
    expect(await schedule()).toMatchObject({ body: paused })
  })
})
