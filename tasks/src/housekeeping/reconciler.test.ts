/** Rows and a real Temporal that disagree; no worker is there to mend it by chance. */
import { Client, Connection } from '@temporalio/client'
import type { TaskRow } from '@wikistead/store'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { reconcile } from './reconciler.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

let started: AsyncDisposableStack
let stack: Stack
let client: Client
let runs: WorkflowRuns
let task: TaskRow

beforeAll(async () => {
  started = new AsyncDisposableStack()
  stack = started.use(await startStack({ farmUrl: 'http://127.0.0.1:1', run: [] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  client = new Client({ connection })
  runs = new WorkflowRuns(client)
})
afterAll(() => started.disposeAsync())
beforeEach(async () => {
  task = await stack.store.transaction((scope) =>
    scope.tasks.insert({
      ...{ taskId: newTaskId(), kind: 'sync_sites', engine: 'fedwiki', wikiId: null, userId: 1 },
      ...{ workflowType: 'SyncFedWikiSitesWorkflow', input: { defaultUserId: 1 }, message: 'Syncing.' },
    }),
  )
})

const silent = { warn: () => undefined, error: () => undefined }
/** Every open task, also those written to a moment ago. */
const look = () => reconcile({ store: stack.store, runs, log: silent }, -60_000)

/** As the schedule starts it: nothing tells which life it is. */
const startWithoutMemo = () =>
  client.workflow.start(task.workflow_type, {
    ...{ taskQueue: 'wikistead', workflowId: task.task_id, args: [JSON.parse(task.input)] },
  })

/** Ends what a test has left open, so that the next one looks at its own task only. */
async function close(): Promise<void> {
  await client.workflow.getHandle(task.task_id).terminate()
  expect(await look()).toMatchObject({ closed: 1 })
}

test('a task whose start was lost is started, and then left alone', async () => {
  expect(await look()).toEqual({ started: 1, closed: 0, alive: 0 })
  expect(await look()).toEqual({ started: 0, closed: 0, alive: 1 })
  await close()
  expect(await look()).toEqual({ started: 0, closed: 0, alive: 0 })
  expect(await stack.store.tasks.get(task.task_id)).toMatchObject({ status: 'failed', code: 'terminated' })
})

test('the next life of a sync that the schedule had started is started, not taken for its first', async () => {
  await (await startWithoutMemo()).terminate()
  await stack.store.transaction(async (scope) => {
    const event = { type: 'status', status: 'failed', code: 'fault' } as const
    await scope.tasks.append({ taskId: task.task_id, run: 1, event })
    await scope.tasks.revive(task.task_id, 'Once more.')
  })
  expect(await look()).toEqual({ started: 1, closed: 0, alive: 0 })
  const description = await client.workflow.getHandle(task.task_id).describe()
  expect(description).toMatchObject({ memo: { run: 2 }, status: { name: 'RUNNING' } })
  await close()
})

test('a workflow that was stuck is so no longer when its task has ended', async () => {
  const stuck = { code: 'task_stuck', subject: task.task_id, message: 'It does not move.', mend: '' }
  await stack.store.alarms.raise(stuck)
  await startWithoutMemo()
  await close()
  expect(await stack.store.alarms.find('task_stuck', task.task_id)).toBeUndefined()
})
