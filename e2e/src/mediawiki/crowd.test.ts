/**
 * Sixty people ask for a wiki at once, and the farm's patience is two seconds. The host is scripted: each of
 * its phases is a real step over the real store, whose act only takes its time.
 */
import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { hostQueue, indexQueue, undoQueue, type Phase } from '@wikistead/contracts'
import { admitCreateMediaWiki, newTaskId, WorkflowRuns } from '@wikistead/tasks'
import { rollbackTask } from '@wikistead/tasks/rollback'
import { runStep } from '@wikistead/tasks/step'
import type { Store, TaskRow } from '@wikistead/store'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let stack: Stack
let client: Client
let connection: NativeConnection

beforeAll(async () => {
  const folder = started.adopt(await mkdtemp(join(tmpdir(), 'wikistead-crowd-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  stack = started.use(
    await startStack({
      settings: {
        'wikifarm-dir': join(folder, 'wikis'),
        'wikifarm-oauth-dir': join(folder, 'oauth'),
        'wikifarm-template': join(folder, 'template'),
        'wikifarm-runner': 'host',
        'wiki-root-host': 'wikis.example',
        'wiki-db-host': '127.0.0.1:1',
        'wiki-db-admin-user': 'nobody',
        'wiki-db-admin-password': 'needed-but-not-used',
      },
    }),
  )
  const { address } = stack.temporal
  connection = started.adopt(await NativeConnection.connect({ address }), (each) => each.close())
  client = new Client({
    connection: started.adopt(await Connection.connect({ address }), (each) => each.close()),
  })
})
afterAll(() => started.disposeAsync())

const silent = { warn: () => undefined, error: () => undefined }

/** What a host's activities do to our rows, and nothing to a disk. `began` hears of each creation's first phase. */
function scriptedHost(store: Store, { began, usable }: Record<'began' | 'usable', (taskId: string) => void>) {
  const phase =
    (phase: Phase, progress: number) =>
    async ({ run }: { readonly run: number }): Promise<{ readonly wikiId: number }> => {
      let wikiId = 0
      await runStep(
        { store, log: silent },
        { ...{ run, phase, from: progress, message: phase }, recall: () => Promise.resolve() },
        async ({ task }) => {
          wikiId = task.wiki_id ?? 0
          if (phase === 'dir_copy') began(task.task_id)
          await sleep(10)
          if (phase === 'flip_bootstrap') usable(task.task_id)
        },
        async (scope, _value, task) => {
          if (phase === 'index') await scope.wikis.letGo(wikiId, task.task_id)
          if (phase === 'flip_bootstrap') await scope.wikis.change(wikiId, { status: 'active' })
          return phase === 'index'
            ? { type: 'status', status: 'succeeded', wiki_id: wikiId }
            : {
                ...{ type: 'progress', status: 'running', progress, message: phase, phase },
                ...(phase === 'flip_bootstrap' && { wiki_id: wikiId }),
              }
        },
      )
      return { wikiId }
    }
  return {
    CopyTemplateActivity: phase('dir_copy', 10),
    RenderIniActivity: phase('render_ini', 20),
    ProvisionDatabaseActivity: phase('db_provision', 30),
    MakeOAuthKeysActivity: phase('oauth', 40),
    InstallWikiActivity: phase('docker_install', 50),
    FlipBootstrapActivity: phase('flip_bootstrap', 80),
    IndexWikiActivity: phase('index', 90),
  }
}

interface Watch {
  /** Tasks in the order in which they began. */
  readonly began: string[]
  most: number
}

async function serve(host: string): Promise<AsyncDisposable & Watch> {
  await using workers = new AsyncDisposableStack()
  const { store } = stack
  const atWork = new Set<string>()
  const watch: Watch = { began: [], most: 0 }
  const activities = scriptedHost(store, {
    began(taskId) {
      if (!watch.began.includes(taskId)) watch.began.push(taskId)
      atWork.add(taskId)
      watch.most = Math.max(watch.most, atWork.size)
    },
    usable: (taskId) => void atWork.delete(taskId),
  })
  const undo = rollbackTask(store, () => Promise.resolve('as_before'))
  // Whoever makes wikis is not asked for an index: that comes after, on a queue of its own.
  const { IndexWikiActivity, ...makers } = activities
  for (const [taskQueue, all] of [
    [hostQueue(host), makers],
    [indexQueue(host), { IndexWikiActivity }],
    [undoQueue(host), { RollbackMediaWikiTaskActivity: undo }],
  ] as const) {
    const worker = await Worker.create({ connection, taskQueue, activities: all })
    const running = worker.run()
    workers.defer(async () => {
      worker.shutdown()
      await running
    })
  }
  const open = workers.move()
  return Object.assign(watch, { [Symbol.asyncDispose]: () => open.disposeAsync() })
}

/** It says that it is alive, and takes `creations` at once. */
async function beat(host: string, creations: number): Promise<AsyncDisposable> {
  const { hosts } = stack.store
  await hosts.beat(host, null, creations)
  const timer = setInterval(() => void hosts.beat(host, null, creations).catch(() => undefined), 1_000)
  return { [Symbol.asyncDispose]: () => Promise.resolve(clearInterval(timer)) }
}

async function create(slug: string, userId: number, patienceMs: number): Promise<TaskRow> {
  const { task } = await admitCreateMediaWiki(stack.store, {
    ...{ taskId: newTaskId(), userId, supportUrl: '', slug, name: slug, language: 'en', patienceMs },
    ...{ visibility: 'public', isHub: false, search: 'core', ownerName: 'x', ownerId: '', wikiLimit: 1_000 },
  })
  if (task.dispatched_at !== null) await new WorkflowRuns(client).start(task)
  return task
}

const ended = (taskIds: readonly string[]) =>
  eventually(async () => {
    const rows = await Promise.all(taskIds.map((taskId) => stack.store.tasks.get(taskId)))
    expect(rows.filter(({ ended_at: at }) => at === null)).toHaveLength(0)
    return rows
  })

test('all of a crowd get their wiki, in order: no more at once than the host takes, and owners take turns', async () => {
  await using beating = await beat('crowded', 3)
  const owners = await Promise.all(
    ['Ada', 'Bob', 'Cleo'].map(async (name) => (await stack.newMember(name)).id),
  )
  // Ada asks for twenty before Bob comes, and Bob for twenty before Cleo.
  const tasks: TaskRow[] = []
  for (const [n, owner] of owners.entries())
    for (let each = 0; each < 20; each += 1)
      tasks.push(await create(`crowd-${String(n)}-${String(each)}`, owner, 2_000))
  await using host = await serve('crowded')
  const rows = await ended(tasks.map(({ task_id: taskId }) => taskId))
  expect(rows.map(({ status, code }) => code ?? status)).toEqual(rows.map(() => 'succeeded'))
  expect(host.most).toBeLessThanOrEqual(3)
  expect(host.most).toBeGreaterThan(1)
  const ownerOf = new Map(
    tasks.map(({ task_id: taskId, user_id: userId }) => [taskId, owners.indexOf(userId)]),
  )
  const order = host.began.map((taskId) => ownerOf.get(taskId))
  expect(order).toHaveLength(60)
  // The last to come is served like the others: when half of all have begun, so has about half of each.
  for (const owner of [0, 1, 2]) {
    const served = order.slice(0, 30).filter((one) => one === owner).length
    expect(served, `owner ${String(owner)}: ${order.join('')}`).toBeGreaterThanOrEqual(8)
  }
  // Within one owner, who came first is first, save for those who are at work at once.
  for (const owner of owners) {
    const own = tasks.filter(({ user_id: userId }) => userId === owner).map(({ task_id: taskId }) => taskId)
    const begun = host.began.filter((taskId) => own.includes(taskId))
    for (const [place, taskId] of own.entries())
      expect(Math.abs(begun.indexOf(taskId) - place)).toBeLessThan(3)
  }
  // Whoever waited was told how far they were, and not at each step.
  const last = await stack.store.tasks.eventsAfter(tasks.at(-1)?.task_id ?? '', 0)
  const places = last.flatMap(({ json }) => (JSON.parse(json) as { place?: number }).place ?? [])
  expect(places.length).toBeGreaterThan(2)
  expect(places.length).toBeLessThan(12)
  expect([...places].sort((one, other) => other - one)).toEqual(places)
  void beating
})

test('what a living host has not begun in time waits on; what a silent one has not is given up', async () => {
  const { id: owner } = await stack.newMember('Dora')
  const asked = async (taskId: string): Promise<number> => {
    const { events } = await client.workflow.getHandle(taskId).fetchHistory()
    return (events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'AskForHostActivity',
    ).length
  }
  const beating = await beat('late', 2)
  const { task_id: slow } = await create('late-one', owner, 500)
  const { task_id: lost } = await create('late-two', owner, 500)
  // Nobody takes the host's tasks, though it lives.
  await eventually(async () => {
    for (const taskId of [slow, lost]) expect(await asked(taskId)).toBeGreaterThan(1)
  })
  expect(await stack.store.tasks.countOpen()).toBe(2)
  await client.workflow.getHandle(lost).describe()
  await using host = await serve('late')
  for (const row of await ended([slow, lost])) expect(row).toMatchObject({ status: 'succeeded' })
  expect(host.most).toBeLessThanOrEqual(2)
  await host[Symbol.asyncDispose]()

  await beating[Symbol.asyncDispose]()
  const { task_id: gone } = await create('late-three', owner, 500)
  // As if it had not been heard of for long.
  await stack.store.hosts.beat('late', null, Date.now() - 3_600_000)
  const [row] = await ended([gone])
  expect(row).toMatchObject({ status: 'failed', code: 'host_away' })
})
