/** Several processes give away the places of one line at once, over one real database; no worker takes what they start. */
import { eventually } from '@wikistead/test/eventually'
import type {} from '@wikistead/test/provided'
import { Client, Connection } from '@temporalio/client'
import { setImmediate } from 'node:timers/promises'
import type { Store, TaskRow } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { admitCreate, admitDelete, type Admitted } from '../admission/admission.ts'
import { Dispatcher } from './dispatcher.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { takeTurn, type LaneLimits } from '../turns/take-turn.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

const limits: LaneLimits = { fedwikiCreations: 3, longestQueue: 100 }
const line = { lane: 'create', host: '' } as const

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let connection: Connection
  let stores: readonly Store[]
  let owners: readonly number[]
  let made: number

  beforeEach(async () => {
    fresh = await freshStore(engine)
    connection = await Connection.connect({ address: inject('temporalAddress') })
    stores = [fresh.store, await fresh.open(), await fresh.open()]
    made = 0
    owners = await Promise.all(
      ['Ada', 'Bob', 'Cleo'].map(async (name) => {
        const user = { name, role: 'member', issuer: 'test', subject: name } as const
        return (await fresh.store.transaction((scope) => scope.users.ensure(user))).user_id
      }),
    )
  })
  afterEach(async () => {
    await Promise.all(dispatchers.splice(0).map((one) => one[Symbol.asyncDispose]()))
    await connection.close()
    await fresh[Symbol.asyncDispose]()
  })

  const dispatchers: Dispatcher[] = []
  const create = (store: Store, userId: number, more: Partial<LaneLimits> = {}): Promise<Admitted> => {
    made += 1
    const domain = `site${String(made)}.example.org`
    return admitCreate(store, {
      ...{ taskId: newTaskId(), userId, domain, name: domain, supportUrl: '', siteLimit: 1_000 },
      ...{ isCustomDomain: false, ownerName: 'x', ownerId: `sub-${String(userId)}` },
      limits: { ...limits, ...more },
    })
  }
  const dispatcherOf = (store: Store): Dispatcher => {
    const runs = new WorkflowRuns(new Client({ connection }))
    const log = { warn: () => undefined, error: () => undefined }
    const dispatcher = new Dispatcher({ store, runs, limits, log })
    dispatchers.push(dispatcher)
    return dispatcher
  }
  const end = (store: Store, { task_id: taskId, run }: Pick<TaskRow, 'task_id' | 'run'>) =>
    store.transaction((scope) =>
      scope.tasks.append({ taskId, run, event: { type: 'status', status: 'succeeded' } }),
    )
  const atWork = async () =>
    (await fresh.store.lines.standing(line)).filter(({ dispatched_at: since }) => since !== null)

  test('whoever comes to a quiet farm has their place at once, and the rest is told which is theirs', async () => {
    const [ada = 0, bob = 0] = owners
    const admitted: Admitted[] = []
    for (const owner of [ada, ada, ada, ada, ada, bob]) admitted.push(await create(fresh.store, owner))
    expect(admitted.map(({ task }) => task.dispatched_at !== null)).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ])
    // Bob's first is before Ada's fifth, and not before her fourth.
    expect(admitted.map(({ task }) => task.told_place)).toEqual([null, null, null, 1, 2, 2])
    const [first] = await fresh.store.tasks.eventsAfter(admitted[3]?.task.task_id ?? '', 0)
    expect(JSON.parse(first?.json ?? '')).toMatchObject({ status: 'queued', place: 1 })
  })

  test('three processes that dispatch and end tasks at once never have more at work, nor begin one twice', async () => {
    const ours = stores.map(dispatcherOf)
    const crowd = await Promise.all(
      Array.from({ length: 45 }, (_, n) => create(stores[n % 3] ?? fresh.store, owners[n % 3] ?? 0)),
    )
    // Each look is one snapshot of the rows, whoever is at them.
    let most = 0
    let done = false
    const watching = (async () => {
      while (!done) {
        most = Math.max(most, (await atWork()).length)
        await setImmediate()
      }
    })()
    await eventually(async () => {
      const busy = await atWork()
      // All of them at once, each in another process, as their looks at the line meet.
      await Promise.all(busy.map((row, n) => end(stores[n % 3] ?? fresh.store, row).catch(() => undefined)))
      await Promise.all(ours.map((one) => one.lookAtAll()))
      expect(await fresh.store.tasks.countOpen()).toBe(0)
    }, 1)
    done = true
    await watching
    expect(most).toBe(limits.fedwikiCreations)
    for (const { task } of crowd) {
      expect((await fresh.store.tasks.get(task.task_id)).dispatched_at).not.toBeNull()
    }
  })

  test.skipIf(engine === 'sqlite')(
    'a transaction that has looked before it held the line counts who came meanwhile',
    async () => {
      const [ada = 0] = owners
      const [one, other] = [stores[0] ?? expect.fail(), stores[1] ?? expect.fail()]
      const turn = await one.transaction(async (scope) => {
        // Its first look, from which on it sees nothing new.
        await scope.tasks.countOpen()
        for (let n = 0; n < limits.fedwikiCreations; n += 1) await create(other, ada)
        return takeTurn(scope, line, ada, limits)
      })
      expect(turn.waits).toMatchObject({ place: 1 })
    },
  )

  test('a place that is left by a commit is given away by the process that committed', async () => {
    const [ada = 0] = owners
    const dispatcher = dispatcherOf(fresh.store)
    const tasks: TaskRow[] = []
    for (let n = 0; n < 5; n += 1) tasks.push((await create(fresh.store, ada)).task)
    const [first, , , fourth] = tasks
    await end(fresh.store, first ?? expect.fail())
    await dispatcher.look(line)
    expect((await fresh.store.tasks.get(fourth?.task_id ?? '')).dispatched_at).not.toBeNull()
    // What can be used, and what is being undone, leaves its place as well.
    const [, second, third, , fifth] = tasks
    await fresh.store.transaction(async (scope) => {
      const { task_id: taskId } = second ?? expect.fail()
      const event = { type: 'progress', status: 'running', progress: 90, message: '', wiki_id: 1 } as const
      await scope.tasks.append({ taskId, run: 1, event })
    })
    await dispatcher.look(line)
    expect((await fresh.store.tasks.get(fifth?.task_id ?? '')).dispatched_at).not.toBeNull()
    await fresh.store.transaction(async (scope) => {
      const { task_id: taskId } = third ?? expect.fail()
      const event = { type: 'progress', status: 'running', progress: 90, message: '' } as const
      await scope.tasks.append({ taskId, run: 1, event: { ...event, phase: 'rollback' } })
    })
    expect((await create(fresh.store, ada)).task.dispatched_at).not.toBeNull()
  })

  test('what was cancelled while it waited is not begun', async () => {
    const [ada = 0] = owners
    const tasks: TaskRow[] = []
    for (let n = 0; n < 5; n += 1) tasks.push((await create(fresh.store, ada)).task)
    const [first, , , fourth, fifth] = tasks
    await end(fresh.store, fourth ?? expect.fail())
    const dispatcher = dispatcherOf(fresh.store)
    await end(fresh.store, first ?? expect.fail())
    await dispatcher.look(line)
    expect((await fresh.store.tasks.get(fourth?.task_id ?? '')).dispatched_at).toBeNull()
    expect((await fresh.store.tasks.get(fifth?.task_id ?? '')).dispatched_at).not.toBeNull()
  })

  test('a queue that is full refuses, says when to come again, and leaves nothing behind', async () => {
    const [ada = 0] = owners
    const few = { longestQueue: 2 }
    for (let n = 0; n < 5; n += 1) await create(fresh.store, ada, few)
    const refused = create(fresh.store, ada, few)
    await expect(refused).rejects.toMatchObject({
      code: 'queue_full',
      details: { waiting: 2, retry_after_seconds: expect.any(Number) as number },
    })
    expect(await fresh.store.tasks.countOpen()).toBe(5)
    expect(await fresh.store.wikis.countOwned(ada, 'fedwiki')).toBe(5)
  })

  test('a lane that is full keeps no other waiting', async () => {
    const [ada = 0] = owners
    const { wiki, task } = await create(fresh.store, ada)
    const wikiId = wiki?.wiki_id ?? 0
    await end(fresh.store, task)
    await fresh.store.wikis.change(wikiId, { status: 'active' })
    await fresh.store.wikis.letGo(wikiId, task.task_id)
    for (let n = 0; n < 5; n += 1) await create(fresh.store, ada)
    const deleted = await admitDelete(fresh.store, {
      ...{ taskId: newTaskId(), userId: ada, supportUrl: '', wikiId, limits },
    })
    expect(deleted.task.dispatched_at).not.toBeNull()
  })
})
