/** What happens to sites while their farm's list is under way; the gate keeps the list back, so that it is old news. */
import { theList, type Which } from '@wikistead/test/farm-gate'
import { startTestFarm, type FarmForTests } from '@wikistead/test/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  clearFarm,
  ownerOf,
  plant,
  setStatus,
  startSyncWorld,
  uproot,
  type SyncWorld,
  type Synced,
} from '../../test/sync-world.ts'
import { eventually } from '@wikistead/test/eventually'

let farm: FarmForTests
let world: SyncWorld

beforeAll(async () => {
  farm = await startTestFarm()
  world = await startSyncWorld(farm.url, { storeEngine: 'mariadb' })
})
afterEach(async () => {
  await clearFarm(farm)
  if (!(await world.sync()).output.success) await world.sync(true)
  expect(await world.stack.store.alarms.open()).toEqual([])
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await farm[Symbol.asyncDispose]()
})

const site = (label: string): string => `${label}.wiki.localhost`

async function create(label: string): Promise<number> {
  const answer = await world.stack.call<{ id: number }>('POST', '/v1/wikis', {
    engine: 'fedwiki',
    domain: label,
  })
  expect(answer.status).toBe(201)
  return answer.body.id
}

/** A sync whose list is taken before `act` and arrives after it. */
async function syncAround(act: () => Promise<unknown>): Promise<Synced> {
  using held = world.gate.hold(theList)
  const taskId = await world.begin()
  await held.arrived
  await act()
  held.release()
  return world.end(taskId)
}

const row = (wikiId: number) => world.stack.store.wikis.get(wikiId)

test('a site that is created while the list is under way stays', async () => {
  await create('old')
  let wikiId = 0
  const { output } = await syncAround(async () => {
    wikiId = await create('brand-new')
  })
  expect(output).toMatchObject({ success: true, sitesFound: 1, sitesAdded: 0, sitesRemoved: 0 })
  expect(await row(wikiId)).toMatchObject({ status: 'active', claim: site('brand-new') })
})

test('so do more new ones than a list may lack', async () => {
  await create('old')
  const { output } = await syncAround(() =>
    Promise.all(Array.from({ length: 7 }, (_, at) => create(`new-${String(at)}`))),
  )
  expect(output).toMatchObject({ success: true, sitesFound: 1, sitesRemoved: 0 })
  expect(await world.stack.store.wikis.list({ limit: 20 })).toHaveLength(8)
})

test('a site that is removed for good while the list is under way does not come back', async () => {
  const wikiId = await create('doomed')
  const { output } = await syncAround(() => world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}?now=1`))
  expect(output).toMatchObject({ success: true, sitesFound: 1, sitesAdded: 0, sitesRemoved: 0 })
  expect(await world.wiki(site('doomed'))).toBeUndefined()
  expect(await row(wikiId)).toMatchObject({ status: 'deleted', claim: null })
})

test('a site that is deleted while the list is under way stays in its undo window', async () => {
  const wikiId = await create('regretted')
  const { output } = await syncAround(() => world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`))
  expect(output).toMatchObject({ success: true, sitesAdded: 0, sitesRemoved: 0 })
  const deleted = await row(wikiId)
  expect(deleted).toMatchObject({ status: 'archived' })
  expect(deleted.purge_after).not.toBeNull()
})

test('a site that is restored while the list is under way is not taken for put away by others', async () => {
  const wikiId = await create('back-again')
  await world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`)
  const { output } = await syncAround(() => world.stack.call('POST', `/v1/wikis/${String(wikiId)}/restore`))
  expect(output).toMatchObject({ success: true, sitesRemoved: 0 })
  expect(await row(wikiId)).toMatchObject({ status: 'active', serving: 'active', claim: site('back-again') })
})

test('a change that is made while the list is under way is not taken back by it', async () => {
  const wikiId = await create('changed')
  await syncAround(() => world.stack.call('PATCH', `/v1/wikis/${String(wikiId)}`, { serving: 'readonly' }))
  expect(await row(wikiId)).toMatchObject({ status: 'active', serving: 'readonly' })
})

test('a site that others bring back while the list is under way is kept on its own word', async () => {
  const wikiId = await create('flickers')
  await setStatus(farm, site('flickers'), 'archived')
  const { output } = await syncAround(() => setStatus(farm, site('flickers'), 'readonly'))
  expect(output).toMatchObject({ success: true, sitesRemoved: 0 })
  expect(await row(wikiId)).toMatchObject({ status: 'active', serving: 'readonly' })
})

test('a site that others make while the list is under way is added by the next sync', async () => {
  const { output } = await syncAround(() => plant(farm, site('late'), ownerOf('somebody')))
  expect(output).toMatchObject({ success: true, sitesFound: 0, sitesAdded: 0 })
  expect((await world.sync()).output).toMatchObject({ sitesFound: 1, sitesAdded: 1 })
})

test('while a task is at work on a site, it is left alone', async () => {
  const toArchive = await create('in-work')
  await create('other')
  using making = world.gate.hold(method('POST'))
  using deleting = world.gate.hold(method('DELETE'))
  const made = world.stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: 'half-made' })
  const gone = world.stack.call('DELETE', `/v1/wikis/${String(toArchive)}`)
  await Promise.all([making.arrived, deleting.arrived])
  // The farm has one of them, and the other no more; the store does not know it yet.
  await uproot(farm, site('in-work'))
  const before = [await world.wiki(site('half-made')), await row(toArchive)]
  const { output } = await world.sync()
  expect(output).toMatchObject({ success: true, sitesFound: 2, sitesAdded: 0, sitesRemoved: 0 })
  const after = [await world.wiki(site('half-made')), await row(toArchive)]
  expect(after).toMatchObject(before.map((wiki) => ({ ...wiki, updated_at: expect.any(Number) as number })))
  making.release()
  deleting.release()
  expect(await made).toMatchObject({ status: 201 })
  expect(await gone).toMatchObject({ status: 200 })
})

test('of two syncs at once, one is refused and changes nothing', async () => {
  await plant(farm, site('seen-once'), ownerOf('somebody'))
  using held = world.gate.hold(theList)
  const taskId = await world.begin()
  await held.arrived
  expect(await world.stack.call('POST', '/v1/fedwiki/sync/trigger', {})).toMatchObject({
    ...{ status: 409, body: { code: 'sync_running', task_id: taskId } },
  })
  const second: unknown = await world.client.workflow.execute('SyncFedWikiSitesWorkflow', {
    ...{ workflowId: 'a-second-sync', taskQueue: 'wikistead', args: [{ defaultUserId: world.adminId }] },
  })
  expect(second).toMatchObject({
    ...{ success: false, sitesAdded: 0, sitesRemoved: 0 },
    errorMessage: 'A sync is running already. Wait for it to end.',
  })
  expect(await world.stack.store.tasks.find('a-second-sync')).toBeUndefined()
  held.release()
  expect((await world.end(taskId)).output).toMatchObject({ success: true, sitesAdded: 1 })
})

test('a sync that is cancelled changes nothing and raises no alarm', async () => {
  await plant(farm, site('unseen'), ownerOf('somebody'))
  using held = world.gate.hold(theList)
  const taskId = await world.begin()
  await held.arrived
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({ status: 202 })
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'failed', code: 'cancelled' })
  })
  held.release()
  expect(await world.wiki(site('unseen'))).toBeUndefined()
  expect(await world.stack.store.alarms.open()).toEqual([])
})

const method =
  (wanted: string): Which =>
  (method, path) =>
    method === wanted && path.startsWith('/plugin/farmmanager/sites')
