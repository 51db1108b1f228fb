/** A worker is killed beside another one: what it had begun is tried again at once, and nothing of the other's is. */
import { eventually } from '@wikistead/test/eventually'
import { copyFile, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { rescue } from '@wikistead/tasks'
import { startStack, type Stack } from '@wikistead/test/stack'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { startWorkerProcess, type Stop, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let stack: Stack
let temporal: Client

beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(await startStack({ farmUrl: farm.url, run: ['api'], storeEngine: 'mariadb' }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

/** As on a machine of its own: over a data folder of its own. */
async function startWorker(dataFolder: string): Promise<WorkerProcess> {
  const folder = join(stack.folder, dataFolder)
  const bundle = inject('workflowBundlePath')
  await mkdir(join(folder, 'cache'), { recursive: true, mode: 0o700 })
  await copyFile(bundle, join(folder, 'cache', basename(bundle)))
  const flags = stack.flags.filter((flag) => !flag.startsWith('--data-folder='))
  return started.use(await startWorkerProcess([...flags, `--data-folder=${folder}`]))
}

const creating = ({ when, activity }: Stop): boolean =>
  when === 'before' && activity === 'CreateFedWikiSiteActivity'

async function createSite(domain: string): Promise<string> {
  const headers = { prefer: 'respond-async' }
  const { body } = await stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain }, { headers })
  return String(body['task_id'])
}

const pending = async (taskId: string) =>
  (await temporal.workflow.getHandle(taskId).describe()).raw.pendingActivities?.[0]

test('the activities of the other go on untouched', async () => {
  const [one, other] = [await startWorker('one'), await startWorker('other')]
  const held = [one, other].map((worker) => Array.from({ length: 40 }, () => worker.hold(creating)))
  const at = (worker: WorkerProcess) => worker.stops.filter(creating).map(({ taskId }) => taskId)
  const created: string[] = []
  // Whoever asks first gets it: until each of them has one.
  while (at(one).length === 0 || at(other).length === 0) {
    const taskId = await createSite(`site-${String(created.length)}`)
    created.push(taskId)
    await eventually(() => expect([...at(one), ...at(other)]).toContain(taskId))
  }
  const [orphaned, untouched] = [at(one), at(other)]
  const before = await Promise.all(untouched.map(pending))
  const dead = (await pending(orphaned[0] ?? ''))?.lastWorkerIdentity ?? ''
  // It is not, so that no heartbeat is missed before; and there are more open tasks than one look takes.
  const more = Array.from({ length: 600 }, (_, n) => `0000-${String(n)}`)
  await stack.store.transaction(async ({ tasks }) => {
    for (const taskId of more) {
      await tasks.insert({
        ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: 1, input: {} },
        ...{ workflowType: 'none', message: 'another' },
      })
    }
  })
  expect(await rescue(stack.store, temporal, new Set(['somebody else']))).toBe(0)
  expect(await rescue(stack.store, temporal, new Set([dead]))).toBe(orphaned.length)
  await stack.store.transaction(async ({ tasks }) => {
    for (const taskId of more)
      await tasks.append({ taskId, run: 1, event: { type: 'status', status: 'failed' } })
  })
  for (const [n, taskId] of untouched.entries()) {
    const now = await pending(taskId)
    expect(now).toMatchObject({ attempt: 1, state: 2 })
    expect(now?.lastWorkerIdentity).toBe(before[n]?.lastWorkerIdentity)
  }

  // Over the same data folder another one comes in its place, and all is well.
  await one.kill()
  await startWorker('one')
  for (const hold of held[1] ?? []) hold.letGo()
  for (const taskId of created) {
    const ended = async () =>
      expect(await stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded' })
    await eventually(ended)
  }
  for (const taskId of untouched) expect(await failures(taskId)).toEqual([])
  for (const taskId of orphaned) expect((await failures(taskId)).length).toBe(1)
  const living = (await stack.store.instances.list()).filter(({ alive, role }) => alive && role === 'worker')
  expect(living).toHaveLength(2)
})

/** Why each attempt but the last one ended. */
async function failures(taskId: string): Promise<string[]> {
  const { events } = await temporal.workflow.getHandle(taskId).fetchHistory()
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: began }) =>
    began?.lastFailure ? [began.lastFailure.applicationFailureInfo?.type ?? 'timeout'] : [],
  )
}
