/** The farm is killed (SIGKILL) under every activity, also half-way through the making of a site. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { full, KillWorld } from '../../test/kill-world.ts'
import { bringTo, hasPoint, points, type Begun, type Point } from './points.ts'
import { siteTasks, type SiteTask } from './site-tasks.ts'

const started = new AsyncDisposableStack()
let world: KillWorld

beforeAll(async () => {
  world = started.use(await KillWorld.start({ storeEngine: 'mariadb' }))
  await world.startWorker()
})
afterAll(() => started.disposeAsync())

async function killUnder(tasks: readonly SiteTask[], point: Point): Promise<readonly Begun[]> {
  const standing = await bringTo(world, point, tasks)
  await world.killFarm()
  // What the farm had been asked for is answered by nobody now.
  await standing.release('drop')
  await world.farmIsBack()
  return standing.begun
}

// SyncSitesToDBActivity asks the farm for nothing.
describe.each(points)('the farm is killed $name', (point) => {
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
})

/** The request never reaches the farm; instead the test leaves what a farm leaves that dies while it makes a site. */
async function diesMaking(label: string, leave: (folder: string) => Promise<void>): Promise<string> {
  const post = world.gate.hold('request', ({ method, domain }) => method === 'POST' && domain === full(label))
  const taskId = await world.create(label)
  await post.arrived
  await leave(world.siteFolder(label))
  await world.killFarm()
  post.drop()
  await world.farmIsBack()
  return taskId
}

describe('a farm that dies between a site’s folder and its owner.json', () => {
  test('the empty site is made again, for its owner', async () => {
    const taskId = await diesMaking('half', async (folder) => {
      await mkdir(join(folder, 'status'), { recursive: true })
    })
    await world.expectEnd(taskId, { status: 'succeeded' })
    await world.expectOneSite('half')
  })

  test('a folder without a status is an incident: an alarm, and nothing is deleted', async () => {
    const taskId = await diesMaking('bare', async (folder) => {
      await mkdir(join(folder, 'pages'), { recursive: true })
      await writeFile(join(folder, 'pages/notes'), 'somebody’s')
    })
    await world.expectEnd(taskId, { status: 'failed', code: 'site_ownerless' })
    expect(existsSync(join(world.siteFolder('bare'), 'pages/notes'))).toBe(true)
    expect(await world.stack.store.alarms.open('site_ownerless')).toMatchObject([{ subject: full('bare') }])
    expect(await world.stack.store.wikis.byClaim('fedwiki', full('bare'))).toBeUndefined()
  })

  test('a site with pages but no owner is an incident: an alarm, nothing is deleted, and the name stays claimed', async () => {
    const taskId = await diesMaking('pages', async (folder) => {
      await mkdir(join(folder, 'status'), { recursive: true })
      await mkdir(join(folder, 'pages'), { recursive: true })
      await writeFile(join(folder, 'pages/notes'), JSON.stringify({ title: 'Notes', story: [], journal: [] }))
    })
    const task = await world.ended(taskId)
    expect(task).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
    expect(existsSync(join(world.siteFolder('pages'), 'pages/notes'))).toBe(true)
    expect((await world.stack.store.alarms.open('site_ownerless')).map(({ subject }) => subject)).toContain(
      full('pages'),
    )
    expect(await world.stack.store.wikis.byClaim('fedwiki', full('pages'))).toMatchObject({ task_id: taskId })
  })
})
