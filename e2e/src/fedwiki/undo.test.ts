/** Cancelled, terminated, failed, tried again: what a task made is taken back, and never more than that. */
import { eventually } from '@wikistead/test/eventually'
import { ApplicationFailure } from '@temporalio/client'
import { request } from 'undici'
import { testAdminHost, testAdminToken } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { full, KillWorld, newOwner } from '../../test/kill-world.ts'
import type { Asked } from '../../test/held-farm.ts'

const started = new AsyncDisposableStack()
let world: KillWorld

beforeAll(async () => {
  world = started.use(await KillWorld.start())
  await world.startWorker()
})
afterAll(() => started.disposeAsync())

const asks = (method: string, label: string) => (asked: Asked) =>
  asked.method === method && asked.domain === full(label)
const standsBefore = (activity: string, label: string) =>
  world.worker.hold(
    (stop) => stop.when === 'before' && stop.activity === activity && stop.domain === full(label),
  )

async function cancel(taskId: string): Promise<void> {
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({ status: 202 })
}

/** Nothing is left, and the name can be had. */
async function expectUndone(label: string, taskId: string): Promise<void> {
  await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
  await world.expectNoSite(label)
  await world.expectEnd(await world.create(label), { status: 'succeeded' })
  expect(world.folders(label)).toEqual([full(label)])
}

describe('a creation is cancelled', () => {
  test.concurrent.each(['CheckQuotaActivity', 'CreateFedWikiSiteActivity'])('before %s', async (activity) => {
    const label = `cancel-${activity.toLowerCase()}`
    const stop = standsBefore(activity, label)
    const taskId = await world.create(label)
    await stop.reached
    await cancel(taskId)
    stop.letGo()
    await expectUndone(label, taskId)
    expect(world.creations(label)).toBe(1)
  })

  test.concurrent('before the farm has heard of it', async () => {
    const held = world.gate.hold('request', asks('POST', 'cancel-unheard'))
    const taskId = await world.create('cancel-unheard')
    await held.arrived
    await cancel(taskId)
    await world.ended(taskId)
    held.drop()
    await expectUndone('cancel-unheard', taskId)
  })

  test.concurrent('when the farm has made the site', async () => {
    const held = world.gate.hold('answer', asks('POST', 'cancel-made'))
    const taskId = await world.create('cancel-made')
    await held.arrived
    await cancel(taskId)
    await expectUndone('cancel-made', taskId)
  })

  test.concurrent('between two attempts', async () => {
    const held = world.gate.hold('request', asks('POST', 'cancel-between'))
    const taskId = await world.create('cancel-between')
    await held.arrived
    held.refuse(60)
    await failedAttempt(taskId)
    await cancel(taskId)
    await expectUndone('cancel-between', taskId)
  })

  test.concurrent('while its worker is dead', async () => {
    // In a world of its own: nobody else's worker is killed.
    await using other = await KillWorld.start({}, world.farm)
    const taskId = await other.create('cancel-dead')
    await cancelIn(other, taskId)
    await other.startWorker()
    await other.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    await other.expectNoSite('cancel-dead')

    const held = other.gate.hold('answer', asks('POST', 'cancel-killed'))
    const second = await other.create('cancel-killed')
    await held.arrived
    await other.killWorker()
    await cancelIn(other, second)
    await other.startWorker()
    await other.expectEnd(second, { status: 'failed', code: 'cancelled' })
    await other.expectNoSite('cancel-killed')
  })

  test.concurrent('when it has ended: that is refused, and changes nothing', async () => {
    const taskId = await world.create('cancel-late')
    await world.expectEnd(taskId, { status: 'succeeded' })
    expect(await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({
      ...{ status: 409, body: { code: 'not_cancellable' } },
    })
    await world.expectOneSite('cancel-late')
  })

  test.concurrent(
    'a site of the same owner that was there before is neither taken over nor removed',
    async () => {
      for (const label of ['there-cancelled', 'there-killed']) {
        const { statusCode } = await request(`${world.farm.url}/plugin/farmmanager/sites`, {
          method: 'POST',
          headers: {
            ...{ host: testAdminHost, authorization: `Bearer ${testAdminToken}` },
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            domain: full(label),
            owner: { name: 'Local admin', oauth2: { id: 'wikistead-local-admin', username: 'Local admin' } },
          }),
        })
        expect(statusCode).toBe(201)
      }
      const look = world.gate.hold('answer', asks('GET', 'there-cancelled'))
      const taskId = await world.create('there-cancelled')
      await look.arrived
      await cancel(taskId)
      await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
      expect(world.folders('there-cancelled')).toEqual([full('there-cancelled')])

      const second = world.gate.hold('answer', asks('GET', 'there-killed'))
      const lost = await world.create('there-killed')
      await second.arrived
      second.drop()
      await world.expectEnd(lost, { status: 'failed', code: 'farm_conflict' })
      expect(world.folders('there-killed')).toEqual([full('there-killed')])
    },
  )
})

async function cancelIn({ stack }: KillWorld, taskId: string): Promise<void> {
  expect(await stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({ status: 202 })
}

async function failedAttempt(taskId: string): Promise<void> {
  await eventually(async () => {
    expect((await world.told(taskId)).at(-1)).toHaveProperty('failed_attempt')
  })
}

describe('a cancelled task puts a site back as it was', () => {
  test.concurrent('that was being deleted', async () => {
    const wikiId = await world.madeBefore('back-delete')
    const held = world.gate.hold('answer', asks('DELETE', 'back-delete'))
    const taskId = await world.ask('DELETE', `/v1/wikis/${String(wikiId)}`)
    await held.arrived
    await cancel(taskId)
    await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    await world.expectOneSite('back-delete')
    expect(await world.serving('back-delete')).toBe('active')
  })

  test.concurrent('that was being restored', async () => {
    const wikiId = await world.madeBefore('back-restore')
    await world.ended(await world.ask('DELETE', `/v1/wikis/${String(wikiId)}`))
    const held = world.gate.hold('answer', asks('PATCH', 'back-restore'))
    const taskId = await world.ask('POST', `/v1/wikis/${String(wikiId)}/restore`)
    await held.arrived
    await cancel(taskId)
    await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    await world.expectOneSite('back-restore', { status: 'archived' })
    expect(await world.serving('back-restore')).toBe('archived')
  })

  test.concurrent('that was being given away and made readonly', async () => {
    const wikiId = await world.madeBefore('back-change')
    const held = world.gate.hold('answer', asks('PATCH', 'back-change'))
    const taskId = await world.ask('PATCH', `/v1/wikis/${String(wikiId)}`, {
      serving: 'readonly',
      owner_id: world.newOwnerId,
    })
    await held.arrived
    expect(await world.ownerFile('back-change')).toMatchObject({ name: newOwner })
    await cancel(taskId)
    await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    await world.expectOneSite('back-change')
    expect(await world.serving('back-change')).toBe('active')
  })

  test.concurrent('that was about to be removed for good', async () => {
    const wikiId = await world.madeBefore('back-purge')
    const held = world.gate.hold('request', asks('DELETE', 'back-purge'))
    const taskId = await world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`)
    await held.arrived
    await cancel(taskId)
    await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    held.drop()
    await world.expectOneSite('back-purge')
  })

  test.concurrent('save one that is gone already: that is said to be gone', async () => {
    const wikiId = await world.madeBefore('back-gone')
    const held = world.gate.hold('answer', asks('DELETE', 'back-gone'))
    const taskId = await world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`)
    await held.arrived
    await cancel(taskId)
    const task = await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    expect(task.message).toContain('no longer on the farm')
    expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({ status: 'deleted', task_id: null })
    await world.expectNoSite('back-gone')
  })
})

describe('Temporal ends a workflow', () => {
  test.concurrent('cancelled there, with the site made', async () => {
    const held = world.gate.hold('answer', asks('POST', 'ended-cancelled'))
    const taskId = await world.create('ended-cancelled')
    await held.arrived
    await world.temporal.workflow.getHandle(taskId).cancel()
    await expectUndone('ended-cancelled', taskId)
    expect(await world.workflowStatus(taskId)).toBe('CANCELLED')
  })

  test.concurrent('terminated before it began anything', async () => {
    const stop = standsBefore('CheckQuotaActivity', 'ended-early')
    const taskId = await world.create('ended-early')
    await stop.reached
    await world.temporal.workflow.getHandle(taskId).terminate('by an operator')
    await world.expectEnd(taskId, { status: 'failed', code: 'terminated' })
    await world.expectNoSite('ended-early')
    stop.letGo()
  })

  test.concurrent('terminated with the site made: the sweeper undoes it, and the alarm clears', async () => {
    const held = world.gate.hold('answer', asks('POST', 'ended-made'))
    const taskId = await world.create('ended-made')
    await held.arrived
    await world.temporal.workflow.getHandle(taskId).terminate('by an operator')
    const task = await world.ended(taskId)
    expect(task).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
    await expectSwept('ended-made', taskId)
  })
})

/** What a rollback left is taken away after all. */
async function expectSwept(label: string, taskId: string): Promise<void> {
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'failed', code: 'fault' })
  })
  await world.expectNoSite(label)
  const open = await world.stack.store.alarms.open('rollback_incomplete')
  expect(open.map(({ subject }) => subject)).not.toContain(taskId)
  expect(await world.stack.store.ledger.open(taskId)).toEqual([])
}

describe('a task is tried again', () => {
  test.concurrent('after it failed: a new life, told from its reset on, that succeeds', async () => {
    const held = world.gate.hold('answer', asks('POST', 'again'))
    const taskId = await world.create('again')
    await held.arrived
    await cancel(taskId)
    await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
    expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
    await eventually(async () => {
      expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', run: 2 })
    })
    await world.expectEnd(taskId, { status: 'succeeded' })
    const told = await world.told(taskId)
    expect(told.filter(({ type }) => type !== 'progress')).toMatchObject([
      { type: 'status', status: 'failed' },
      { type: 'reset', run: 2 },
      { type: 'status', status: 'succeeded' },
    ])
    expect(world.folders('again')).toEqual([full('again')])
    await eventually(async () => {
      expect(await world.workflowStatus(taskId)).toBe('COMPLETED')
    })
  })

  test.concurrent('during a back-off of a minute: at once, and told like every other attempt', async () => {
    const held = world.gate.hold('request', asks('POST', 'hurry'))
    const taskId = await world.create('hurry')
    await held.arrived
    expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({
      ...{ status: 409, body: { code: 'not_retryable' } },
    })
    held.refuse(60)
    await failedAttempt(taskId)
    const before = (await world.told(taskId)).length
    const second = world.gate.hold('request', asks('POST', 'hurry'))
    expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
    await second.arrived
    second.refuse(60)
    await eventually(async () => {
      expect((await world.told(taskId)).slice(before)).toMatchObject([
        { type: 'progress', phase: 'create_site' },
        {
          type: 'progress',
          phase: 'create_site',
          failed_attempt: { cause: 'The farm is in trouble (503).' },
        },
      ])
    })
    expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
    await world.expectEnd(taskId, { status: 'succeeded' })
    await world.expectOneSite('hurry')
  })
})

test('a rollback that is given up keeps the name, tells an operator, and is finished by the sweeper', async () => {
  const held = world.gate.hold('answer', asks('POST', 'given-up'))
  const undoing = world.worker.hold(
    ({ when, activity }) => when === 'before' && activity === 'RollbackFedWikiTaskActivity',
  )
  const taskId = await world.create('given-up')
  await held.arrived
  await cancel(taskId)
  await undoing.reached
  const farm = world.gate.cut()
  // What ten minutes without a farm come to; here an operator ends the waiting, by Temporal's own means.
  const { raw } = await world.temporal.workflow.getHandle(taskId).describe()
  await world.temporal.activity.fail(
    { workflowId: taskId, activityId: raw.pendingActivities?.[0]?.activityId ?? '' },
    ApplicationFailure.nonRetryable('the farm stays away'),
  )
  expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
  undoing.letGo()
  expect((await world.told(taskId)).at(-1)).toMatchObject({ type: 'status', code: 'rollback_incomplete' })
  expect(await world.stack.store.alarms.open('rollback_incomplete')).toMatchObject([
    { subject: taskId, message: expect.stringContaining(full('given-up')) as string },
  ])
  expect(
    await world.stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: 'given-up' }),
  ).toMatchObject({ status: 409, body: { code: 'name_taken' } })
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 409 })
  expect(world.folders('given-up')).toEqual([full('given-up')])
  farm.mend()
  await expectSwept('given-up', taskId)
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', run: 2 })
  })
})
