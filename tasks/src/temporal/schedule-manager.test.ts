import { eventually } from '@wikistead/test/eventually'
import { Client, Connection, type ScheduleDescription } from '@temporalio/client'
import { startFarmGate, theList, type FarmGate } from '@wikistead/test/farm-gate'
import { startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ScheduleManager } from './schedule-manager.ts'

const hour = 3_600_000

let started: AsyncDisposableStack
let farm: ScriptedFarm
let gate: FarmGate
let stack: Stack
let client: Client
let manager: ScheduleManager
let userId: number

beforeAll(async () => {
  started = new AsyncDisposableStack()
  farm = started.use(await startScriptedFarm())
  gate = started.use(await startFarmGate(farm.url))
  stack = started.use(await startStack({ farmUrl: gate.url, run: ['worker'] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  client = new Client({ connection })
  manager = new ScheduleManager(client)
  const someone = { name: 'Ada', role: 'admin', issuer: 'test', subject: 'ada' } as const
  userId = (await stack.store.transaction((scope) => scope.users.ensure(someone))).user_id
})
afterEach(() => manager.deleteSyncSchedule())
afterAll(() => started.disposeAsync())

const describeSchedule = (): Promise<ScheduleDescription> =>
  client.schedule.getHandle('fedwiki-sync').describe()

/** How many syncs have come to their end. */
const ended = async (): Promise<number> =>
  (await stack.store.tasks.list({ kind: 'sync_sites', limit: 200 })).filter((task) => task.ended_at !== null)
    .length

/** How often the farm was asked for its list. */
const lists = (): number =>
  farm.requests.filter(({ method, domain }) => method === 'GET' && domain === '').length

/** Temporal names a scheduled run by the second it starts in; the same name twice would be the same sync. */
async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000)
  await eventually(async () => expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(second))
}

async function noSyncUnderWay(): Promise<void> {
  await eventually(async () => {
    expect(await stack.store.tasks.openOfKind('sync_sites')).toEqual([])
    expect((await manager.getSyncScheduleInfo()).running).toBe(false)
  })
}

describe('ensure', () => {
  test('makes the schedule', async () => {
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    const info = await manager.getSyncScheduleInfo()
    expect(info).toMatchObject({ intervalMs: hour, defaultUserId: userId, paused: false, running: false })
    expect(info.note).toBe('')
    expect(info.nextRunAt?.getTime()).toBeGreaterThan(Date.now())
    expect(info.nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now() + hour)
    expect((await describeSchedule()).policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 })
  })

  test('again changes what differs, and leaves an operator’s pause and note as they are', async () => {
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    await manager.pauseSyncSchedule('the farm is being moved')
    await manager.ensureSyncSchedule({ interval: 2 * hour, defaultUserId: 77 })
    expect(await manager.getSyncScheduleInfo()).toMatchObject({
      ...{ intervalMs: 2 * hour, defaultUserId: 77 },
      ...{ paused: true, note: 'the farm is being moved' },
    })
    await manager.unpauseSyncSchedule('it has been moved')
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    expect(await manager.getSyncScheduleInfo()).toMatchObject({
      ...{ intervalMs: hour, defaultUserId: userId },
      ...{ paused: false, note: 'it has been moved' },
    })
  })

  test('by many processes at once fails for none of them', async () => {
    await Promise.all(
      Array.from({ length: 8 }, () =>
        new ScheduleManager(client).ensureSyncSchedule({ interval: hour, defaultUserId: userId }),
      ),
    )
    expect(await manager.getSyncScheduleInfo()).toMatchObject({ intervalMs: hour, paused: false })
  })

  test('syncs at once when asked to, also when the schedule exists', async () => {
    await nextSecond()
    const before = await ended()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId, triggerImmediately: true })
    await eventually(async () => expect(await ended()).toBe(before + 1))
    await noSyncUnderWay()
    await nextSecond()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId, triggerImmediately: true })
    await eventually(async () => expect(await ended()).toBe(before + 2))
  })

  test('does not sync at once while an operator has paused it, or while a sync runs', async () => {
    await nextSecond()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    await manager.pauseSyncSchedule('hands off')
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId, triggerImmediately: true })
    await manager.unpauseSyncSchedule('go on')
    using held = gate.hold(theList)
    await manager.triggerSyncNow()
    await held.arrived
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId, triggerImmediately: true })
    held.release()
    await noSyncUnderWay()
    expect((await describeSchedule()).info).toMatchObject({ numActionsTaken: 1, numActionsSkippedOverlap: 0 })
  })
})

test('an operator pauses and resumes it, each with a note; paused, nothing is due', async () => {
  await manager.ensureSyncSchedule({ interval: 1_000, defaultUserId: userId })
  await manager.pauseSyncSchedule('maintenance window')
  expect(await manager.getSyncScheduleInfo()).toMatchObject({ paused: true, note: 'maintenance window' })
  await manager.unpauseSyncSchedule('maintenance complete')
  expect(await manager.getSyncScheduleInfo()).toMatchObject({ paused: false, note: 'maintenance complete' })
})

describe('trigger now', () => {
  test('syncs now, also while paused, and says which run it was', async () => {
    await nextSecond()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    await manager.pauseSyncSchedule('hands off')
    const taskId = await manager.triggerSyncNow()
    expect(taskId).toMatch(/^fedwiki-sync-run-/)
    await eventually(async () => {
      expect(await stack.store.tasks.find(taskId)).toMatchObject({ status: 'succeeded', user_id: userId })
    })
  })

  test('again and again is a sync each time, however quickly they end', async () => {
    await nextSecond()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    const runs = new Set<string>()
    for (let run = 1; run <= 3; run += 1) {
      const taskId = await manager.triggerSyncNow()
      await eventually(async () => {
        expect(await stack.store.tasks.find(taskId)).toMatchObject({ status: 'succeeded' })
      })
      runs.add(taskId)
      await noSyncUnderWay()
    }
    expect(runs.size).toBe(3)
  })

  test('while a sync runs is refused', async () => {
    await nextSecond()
    await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
    using held = gate.hold(theList)
    await manager.triggerSyncNow()
    await held.arrived
    expect(await manager.getSyncScheduleInfo()).toMatchObject({ running: true })
    await expect(manager.triggerSyncNow()).rejects.toMatchObject({ code: 'sync_running' })
    held.release()
    await noSyncUnderWay()
    expect((await describeSchedule()).info.numActionsTaken).toBe(1)
  })
})

test('a run that is due while another is under way is skipped, not queued', async () => {
  await nextSecond()
  using held = gate.hold(theList)
  await manager.ensureSyncSchedule({ interval: 1_000, defaultUserId: userId })
  await held.arrived
  const asked = lists()
  await eventually(async () => {
    expect((await describeSchedule()).info.numActionsSkippedOverlap).toBeGreaterThanOrEqual(2)
  })
  const { raw, info } = await describeSchedule()
  expect(info.numActionsTaken).toBe(1)
  expect(Number(raw.info?.bufferSize ?? 0)).toBe(0)
  expect(lists()).toBe(asked)
  await manager.pauseSyncSchedule('enough')
  held.release()
  await noSyncUnderWay()
  expect((await describeSchedule()).info.numActionsTaken).toBe(1)
})

test('without a schedule, every question is refused, and deleting it is nothing', async () => {
  const missing = { code: 'schedule_not_found' }
  await manager.ensureSyncSchedule({ interval: hour, defaultUserId: userId })
  await manager.deleteSyncSchedule()
  await manager.deleteSyncSchedule()
  await expect(manager.getSyncScheduleInfo()).rejects.toMatchObject(missing)
  await expect(manager.pauseSyncSchedule('why')).rejects.toMatchObject(missing)
  await expect(manager.unpauseSyncSchedule('why')).rejects.toMatchObject(missing)
  await expect(manager.triggerSyncNow()).rejects.toMatchObject(missing)
})
