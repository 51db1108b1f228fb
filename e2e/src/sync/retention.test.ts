/** Syncs come every hour, and nobody looks at them for long. */
import { Client, Connection } from '@temporalio/client'
import { admitSync, sweep, WorkflowRuns } from '@wikistead/tasks'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import type { Store } from '@wikistead/store'
import { afterEach, describe, expect, test, vi } from 'vitest'

const day = 86_400_000

afterEach(() => {
  vi.useRealTimers()
})

describe.each(storeEngines)('a sweep over a store on %s', (storeEngine) => {
  test('forgets syncs after thirty days with all that belongs to them, lists after one, and nothing else', async () => {
    await using fresh = await freshStore(storeEngine)
    const { store } = fresh
    const someone = { name: 'Ada', role: 'admin', issuer: 'test', subject: 'ada' } as const
    const { user_id: userId } = await store.transaction((scope) => scope.users.ensure(someone))
    await daysAgo(31, () => endedSync(store, 'old', userId))
    await daysAgo(29, () => endedSync(store, 'young', userId))
    await daysAgo(60, () => admitSync(store, { taskId: 'still-open', defaultUserId: userId }))
    await daysAgo(60, () => oldCreation(store, userId))
    await daysAgo(1.1, () => list(store, 'yesterday'))
    await list(store, 'today')

    await sweepOnce(store)

    expect(await store.tasks.find('old')).toBeUndefined()
    expect(await store.tasks.eventsAfter('old', 0)).toEqual([])
    expect(await store.ledger.get('old', 'sync_count')).toBeUndefined()
    expect(await store.tasks.eventsAfter('young', 0)).toHaveLength(2)
    expect(await store.ledger.get('young', 'sync_count')).toMatchObject({ state: 'void' })
    expect(await store.tasks.find('still-open')).toMatchObject({ status: 'queued' })
    expect(await store.tasks.eventsAfter('a-creation', 0)).toHaveLength(2)
    expect(await store.snapshots.find('yesterday')).toBeUndefined()
    expect(await store.snapshots.find('today')).toMatchObject({ sites: 1, complete: 1 })
    // Nothing of the list is left behind to meet the next one of that name.
    await list(store, 'yesterday')
  })
})

async function daysAgo(days: number, act: () => Promise<unknown>): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - days * day })
  await act()
  vi.useRealTimers()
}

async function endedSync(store: Store, taskId: string, userId: number): Promise<void> {
  await admitSync(store, { taskId, defaultUserId: userId })
  await store.transaction(async (scope) => {
    await scope.ledger.note(taskId, 'sync_count', { sitesAdded: 1 })
    await scope.tasks.append({ taskId, run: 1, event: { type: 'status', status: 'succeeded' } })
  })
}

async function oldCreation(store: Store, userId: number): Promise<void> {
  const taskId = 'a-creation'
  await store.transaction(async (scope) => {
    await scope.tasks.insert({
      ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId, message: '' },
      ...{ workflowType: 'CreateFedWikiSiteWorkflow', input: {} },
    })
    await scope.tasks.append({ taskId, run: 1, event: { type: 'status', status: 'succeeded' } })
  })
}

async function list(store: Store, snapshotId: string): Promise<void> {
  await store.snapshots.begin(snapshotId, Date.now())
  await store.snapshots.add(snapshotId, [
    { address: 'a.wiki.localhost', serving: 'active', ownerSubject: null, ownerName: null },
  ])
  await store.snapshots.complete(snapshotId, 1, 0)
}

async function sweepOnce(store: Store): Promise<void> {
  // There is nothing to start: Temporal is not asked.
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:9' }) })
  const log = { warn: () => undefined, error: () => undefined }
  await sweep({ store, client, runs: new WorkflowRuns(client), log })
}
