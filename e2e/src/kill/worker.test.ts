/** The worker is killed (SIGKILL) before, in the middle of and after every activity, and another one takes over. */
import { rescue } from '@wikistead/tasks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { full, KillWorld } from '../../test/kill-world.ts'
import { bringTo, hasPoint, points, type Begun, type Point } from './points.ts'
import { siteTasks, syncTask, type SiteTask } from './site-tasks.ts'

const started = new AsyncDisposableStack()
let world: KillWorld

beforeAll(async () => {
  world = started.use(await KillWorld.start({ storeEngine: 'mariadb' }))
})
afterAll(() => started.disposeAsync())

/** One kill hits them all. */
async function killUnder(tasks: readonly SiteTask[], point: Point): Promise<readonly Begun[]> {
  await world.startWorker()
  const standing = await bringTo(world, point, tasks)
  await world.killWorker()
  await standing.release('drop')
  await world.startWorker()
  return standing.begun
}

describe.each(points)('the worker is killed $name', (point) => {
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

test('a worker that is known to be dead is not waited for: its activities are tried again at once', async () => {
  await world.startWorker()
  const answer = world.gate.hold(
    'answer',
    ({ method, domain }) => method === 'POST' && domain === full('rescued'),
  )
  const taskId = await world.create('rescued')
  await answer.arrived
  await world.killWorker()
  answer.drop()
  const { store } = world.stack
  const dead = (await store.instances.list()).flatMap((each) =>
    each.role === 'worker' && each.ended_at === null ? (each.worker_identity ?? []) : [],
  )
  expect(await rescue(store, world.temporal, new Set(dead))).toBe(1)
  const { raw } = await world.temporal.workflow.getHandle(taskId).describe()
  expect(raw.pendingActivities).toMatchObject([
    { attempt: 2, lastFailure: { applicationFailureInfo: { type: 'worker_lost' } } },
  ])
  await world.startWorker()
  await world.expectEnd(taskId, { status: 'succeeded' })
  await world.expectOneSite('rescued')
})
