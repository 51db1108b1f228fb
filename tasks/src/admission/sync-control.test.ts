import { eventually } from '@wikistead/test/eventually'
import { Client, Connection } from '@temporalio/client'
import { startFarmGate, theList, type FarmGate } from '@wikistead/test/farm-gate'
import { startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SyncControl, type SyncSettings } from './sync-control.ts'
import { retryTask } from './task-control.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

const hour = 3_600_000

let started: AsyncDisposableStack
let farm: ScriptedFarm
let gate: FarmGate
let stack: Stack
let client: Client
let sync: SyncControl
let userId: number
let otherUserId: number

beforeAll(async () => {
  started = new AsyncDisposableStack()
  farm = started.use(await startScriptedFarm())
  gate = started.use(await startFarmGate(farm.url))
  stack = started.use(await startStack({ farmUrl: gate.url, run: ['worker'] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  client = new Client({ connection })
  sync = new SyncControl(stack.store, client)
  userId = await newUser('ada')
  otherUserId = await newUser('bob')
})
afterEach(async () => {
  await sync.apply(configured({ enabled: false }))
  await stack.store.settings.set('fedwiki_sync_operator', '{}')
})
afterAll(() => started.disposeAsync())

async function newUser(subject: string): Promise<number> {
  const user = { name: subject, role: 'admin', issuer: 'test', subject } as const
  return (await stack.store.transaction((scope) => scope.users.ensure(user))).user_id
}

/** As a configuration has it; what a start does with it is `sync.apply`. */
const configured = (other: Partial<SyncSettings> = {}): SyncSettings => ({
  ...{ enabled: true, interval: hour, defaultUserId: userId, triggerImmediately: false },
  ...other,
})

const info = async () => (await sync.look()).info

async function succeeds(taskId: string): Promise<void> {
  await eventually(async () => {
    expect(await stack.store.tasks.find(taskId)).toMatchObject({ status: 'succeeded' })
  })
}

/** Temporal names a scheduled run by the second it starts in; the same name twice would be the same sync. */
async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000)
  await eventually(async () => expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(second))
}

describe('a start', () => {
  test('makes the schedule of the configuration, and removes it when it is disabled', async () => {
    await sync.apply(configured())
    expect(await info()).toMatchObject({ intervalMs: hour, defaultUserId: userId, paused: false })
    await sync.apply(configured({ interval: 2 * hour, defaultUserId: otherUserId }))
    expect(await info()).toMatchObject({ intervalMs: 2 * hour, defaultUserId: otherUserId })
    await sync.apply(configured({ enabled: false }))
    expect(await info()).toBeUndefined()
    await sync.apply(configured({ enabled: false }))
  })

  test('refuses a default user that nobody is, and leaves the schedule as it is', async () => {
    await expect(sync.apply(configured({ defaultUserId: 4_711 }))).rejects.toMatchObject({
      code: 'user_not_found',
    })
    expect(await info()).toBeUndefined()
    await expect(sync.change({ defaultUserId: 4_711 })).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await info()).toBeUndefined()
  })

  test('keeps what an operator changed, and follows the configuration in what they did not', async () => {
    await sync.apply(configured())
    await sync.change({ interval: 5 * hour })
    await sync.apply(configured({ defaultUserId: otherUserId }))
    expect(await info()).toMatchObject({ intervalMs: 5 * hour, defaultUserId: otherUserId })
    await sync.change({ defaultUserId: userId })
    await sync.apply(configured({ interval: 7 * hour, defaultUserId: otherUserId }))
    expect(await info()).toMatchObject({ intervalMs: 5 * hour, defaultUserId: userId })
  })

  test('keeps an operator’s pause, its note, and their going on', async () => {
    await sync.apply(configured())
    await sync.pause('the farm moves')
    await sync.apply(configured())
    expect(await info()).toMatchObject({ paused: true, note: 'the farm moves' })
    await sync.resume('it has moved')
    await sync.apply(configured())
    expect(await info()).toMatchObject({ paused: false, note: 'it has moved' })
  })

  test('leaves the schedule removed when an operator removed it, until they make it again', async () => {
    await sync.apply(configured())
    await sync.remove()
    await sync.apply(configured({ triggerImmediately: true }))
    expect(await info()).toBeUndefined()
    await expect(sync.change({ interval: 3 * hour })).rejects.toMatchObject({ code: 'invalid_request' })
    await sync.change({ interval: 3 * hour, defaultUserId: otherUserId })
    await sync.apply(configured())
    expect(await info()).toMatchObject({ intervalMs: 3 * hour, defaultUserId: otherUserId })
  })

  describe('where nothing is configured', () => {
    const silent = (other: Partial<SyncSettings> = {}) =>
      configured({ enabled: undefined, defaultUserId: undefined, ...other })

    test('makes no schedule, and takes away the one that only an earlier configuration wanted', async () => {
      await sync.apply(silent())
      expect(await info()).toBeUndefined()
      await sync.apply(configured())
      await sync.apply(silent())
      expect(await info()).toBeUndefined()
      expect(await sync.isLost(silent())).toBe(false)
    })

    test('keeps the schedule that an operator made, its pause, and their change of a configured one', async () => {
      await sync.change({ interval: 3 * hour, defaultUserId: otherUserId })
      await sync.pause('the farm moves')
      await sync.apply(silent())
      expect(await info()).toMatchObject({
        ...{ intervalMs: 3 * hour, defaultUserId: otherUserId, paused: true, note: 'the farm moves' },
      })
      await sync.remove()
      await sync.apply(silent())
      expect(await info()).toBeUndefined()

      await sync.change({ defaultUserId: userId })
      await sync.apply(silent({ interval: 9 * hour }))
      expect(await info()).toMatchObject({ intervalMs: hour, defaultUserId: userId })
    })

    test('keeps what an operator changed of a schedule that was configured then', async () => {
      await sync.apply(configured({ defaultUserId: otherUserId }))
      await sync.change({ interval: 5 * hour })
      await sync.apply(silent())
      expect(await info()).toMatchObject({ intervalMs: 5 * hour, defaultUserId: otherUserId })
    })

    test('makes the operator’s schedule again when Temporal lost it, paused as it was', async () => {
      await sync.change({ interval: 3 * hour, defaultUserId: otherUserId })
      await sync.pause('the farm moves')
      await client.schedule.getHandle('fedwiki-sync').delete()
      expect(await sync.isLost(silent())).toBe(true)
      await sync.apply(silent())
      expect(await info()).toMatchObject({
        ...{ intervalMs: 3 * hour, defaultUserId: otherUserId, paused: true, note: 'the farm moves' },
      })
    })

    test('keeps one of an older release, which noted less', async () => {
      await sync.change({ interval: 3 * hour, defaultUserId: otherUserId })
      const noted = JSON.stringify({ interval: 3 * hour, removed: false })
      await stack.store.settings.set('fedwiki_sync_operator', noted)
      await sync.apply(silent())
      expect(await info()).toMatchObject({ intervalMs: 3 * hour, defaultUserId: otherUserId })
    })

    test('does not bring back what a configuration that said no has taken away', async () => {
      await sync.change({ interval: 3 * hour, defaultUserId: otherUserId })
      await sync.apply(configured({ enabled: false }))
      expect(await info()).toBeUndefined()
      await sync.apply(silent())
      expect(await info()).toBeUndefined()
      await sync.apply(configured())
      expect(await info()).toMatchObject({ intervalMs: 3 * hour, defaultUserId: otherUserId })
    })
  })

  test('syncs at once, also when the schedule exists, but not when an operator has paused it', async () => {
    await nextSecond()
    for (const [pause, expected] of [
      [false, 1],
      [false, 2],
      [true, 2],
    ] as const) {
      if (pause) await sync.pause('hands off')
      await sync.apply(configured({ triggerImmediately: true }))
      await eventually(async () => {
        const { info } = await client.schedule.getHandle('fedwiki-sync').describe()
        expect(info).toMatchObject({ numActionsTaken: expected })
        expect(info.runningActions).toEqual([])
      })
      await nextSecond()
    }
  })
})

describe('trigger', () => {
  test('syncs without a schedule, in the name of whoever asked; the task is there at once', async () => {
    const taskId = await sync.trigger(otherUserId)
    expect(await stack.store.tasks.get(taskId)).toMatchObject({ kind: 'sync_sites', user_id: otherUserId })
    await succeeds(taskId)
    expect((await sync.look()).lastRun?.task_id).toBe(taskId)
  })

  test('syncs by the schedule where there is one, in the name of its default user', async () => {
    await sync.apply(configured())
    await sync.pause('a trigger is no schedule')
    await nextSecond()
    const taskId = await sync.trigger(otherUserId)
    expect(await stack.store.tasks.get(taskId)).toMatchObject({ kind: 'sync_sites', user_id: userId })
    await succeeds(taskId)
  })

  test('is refused while a sync runs, and names it', async () => {
    using held = gate.hold(theList)
    const taskId = await sync.trigger(userId)
    await held.arrived
    await expect(sync.trigger(userId)).rejects.toMatchObject({
      ...{ code: 'sync_running', details: { task_id: taskId } },
    })
    held.release()
    await succeeds(taskId)
  })

  test.each([false, true])(
    'many at once, with a schedule (%s), never run two syncs at a time',
    async (scheduled) => {
      if (scheduled) {
        await sync.apply(configured())
        await nextSecond()
      }
      using held = gate.hold(theList)
      const answers = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) => sync.trigger(at % 2 === 0 ? userId : otherUserId)),
      )
      const open = await stack.store.tasks.openOfKind('sync_sites')
      expect(open).toHaveLength(1)
      for (const answer of answers) {
        if (answer.status === 'fulfilled') expect(answer.value).toBe(open[0]?.task_id)
        else expect(answer.reason).toMatchObject({ code: 'sync_running' })
      }
      expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true)
      held.release()
      await succeeds(open[0]?.task_id ?? '')
    },
  )

  test('with nothing to confirm is refused when it brings a confirmation', async () => {
    await expect(sync.trigger(userId, { confirm: true })).rejects.toMatchObject({
      code: 'nothing_to_confirm',
    })
    expect(await stack.store.tasks.openOfKind('sync_sites')).toEqual([])
  })

  test('a confirmation that comes while a sync runs is not kept for the next one', async () => {
    const alarm = {
      code: 'sync_untrusted',
      subject: 'fedwiki',
      message: '',
      mend: '',
      detail: { missing: 9 },
    }
    using held = gate.hold(theList)
    const taskId = await sync.trigger(userId)
    await stack.store.alarms.raise(alarm)
    await expect(sync.trigger(userId, { confirm: true })).rejects.toMatchObject({ code: 'sync_running' })
    expect(await stack.store.alarms.find('sync_untrusted', 'fedwiki')).toMatchObject({ confirmed: null })
    held.release()
    await succeeds(taskId)
  })
})

test('a sync for a user that there is not is refused, and an operator hears of it until one succeeds', async () => {
  const { settings } = stack.store
  const before = await settings.get('fedwiki_sync_default_user')
  await settings.set('fedwiki_sync_default_user', '999999')
  const run = { taskQueue: 'wikistead', workflowId: newTaskId(), args: [{ defaultUserId: userId }] }
  expect(await client.workflow.execute('SyncFedWikiSitesWorkflow', run)).toMatchObject({ success: false })
  await settings.set('fedwiki_sync_default_user', before ?? String(userId))
  expect(await stack.store.alarms.find('sync_failed', 'fedwiki')).toMatchObject({
    message: expect.stringContaining('user_not_found') as string,
  })
  await succeeds(await sync.trigger(userId))
  expect(await stack.store.alarms.find('sync_failed', 'fedwiki')).toBeUndefined()
})

test('a failed sync is not tried again while another one runs', async () => {
  const control = { store: stack.store, runs: new WorkflowRuns(client), siteLimit: 0, wikiLimit: 0 }
  const failed = await sync.trigger(userId)
  await succeeds(failed)
  await stack.store.transaction(async (scope) => {
    await scope.tasks.insert({
      ...{ taskId: 'an-old-sync', kind: 'sync_sites', engine: 'fedwiki', wikiId: null, userId },
      ...{ workflowType: 'SyncFedWikiSitesWorkflow', input: { defaultUserId: userId }, message: '' },
    })
    const event = { type: 'status', status: 'failed', code: 'farm_unavailable' } as const
    await scope.tasks.append({ taskId: 'an-old-sync', run: 1, event })
  })
  using held = gate.hold(theList)
  const running = await sync.trigger(userId)
  await expect(retryTask(control, 'an-old-sync')).rejects.toMatchObject({ code: 'sync_running' })
  held.release()
  await succeeds(running)
  await retryTask(control, 'an-old-sync')
  await succeeds('an-old-sync')
})
