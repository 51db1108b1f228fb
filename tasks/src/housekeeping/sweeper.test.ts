/** A sweep over a real Temporal; no worker is there to do what it starts. */
import { Client, Connection } from '@temporalio/client'
import { rollbackTries } from '@wikistead/store'
import { startStack } from '@wikistead/test/stack'
import { expect, test } from 'vitest'
import { sweep } from './sweeper.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

test('a sweep starts every rollback whose turn it is, and remembers that it did', async () => {
  await using stack = await startStack({ farmUrl: 'http://127.0.0.1:1', run: [] })
  const { store } = stack
  const connection = await Connection.connect({ address: stack.temporal.address })
  await using started = new AsyncDisposableStack()
  started.defer(() => connection.close())
  const client = new Client({ connection })
  const deps = { store, client, runs: new WorkflowRuns(client), log: { warn() {}, error() {} } }
  const taskIds = [newTaskId(), newTaskId()]
  for (const taskId of taskIds) {
    await store.transaction(async (scope) => {
      await scope.tasks.insert({
        ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'CreateFedWikiSiteWorkflow', input: {}, message: 'Creating.' },
      })
      const event = { type: 'status', status: 'failed', code: 'rollback_incomplete' } as const
      await scope.tasks.append({ taskId, run: 1, event })
    })
  }
  // As if the tasks had ended long ago.
  await sweep(deps, -60_000)
  for (const taskId of taskIds) {
    const { status, type } = await client.workflow.getHandle(`${taskId}/rollback`).describe()
    expect([type, status.name]).toEqual(['FinishRollbackWorkflow', 'RUNNING'])
    expect(await store.ledger.get(taskId, rollbackTries)).toMatchObject({ state: 'void' })
    expect(await store.ledger.open(taskId)).toEqual([])
  }
})
