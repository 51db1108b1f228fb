/** When a rollback that was left incomplete has its turn; only the clock is turned by hand. */
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { rollbackTries, type Store } from '../index.ts'

const minute = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

async function leaveRollback(store: Store, taskId: string): Promise<void> {
  await store.transaction(async (scope) => {
    await scope.tasks.insert({
      ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
      ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'Deleting.' },
    })
    const event = { type: 'status', status: 'failed', code: 'rollback_incomplete' } as const
    await scope.tasks.append({ taskId, run: 1, event })
  })
}

/** As a sweep of every minute would: those whose turn it is are tried. */
async function sweepOnce(store: Store, limit?: number): Promise<string[]> {
  pass(minute)
  const due = await store.tasks.rollbackIncomplete(store.now(), minute - 1, limit)
  for (const { task_id: taskId } of due) {
    await store.ledger.note(taskId, rollbackTries, {})
    await store.transaction((scope) => scope.tasks.touch(taskId))
  }
  return due.map((task) => task.task_id)
}

test.each(storeEngines)(
  'on %s a rollback that stays in vain is tried ever more seldom, and never less than every ten minutes',
  async (engine) => {
    await using fresh = await freshStore(engine)
    await leaveRollback(fresh.store, 't')
    const tried: number[] = []
    for (let minutes = 1; minutes <= 60; minutes += 1) {
      if ((await sweepOnce(fresh.store)).length > 0) tried.push(minutes)
    }
    expect(tried).toEqual([1, 2, 3, 5, 9, 17, 27, 37, 47, 57])
  },
)

test.each(storeEngines)('on %s nobody’s rollback waits behind those that stay in vain', async (engine) => {
  await using fresh = await freshStore(engine)
  const { store } = fresh
  for (const taskId of ['a', 'b', 'c']) await leaveRollback(store, taskId)
  expect(await sweepOnce(store, 2)).toHaveLength(2)
  await leaveRollback(store, 'late')
  const next = [...(await sweepOnce(store, 2)), ...(await sweepOnce(store, 2))]
  expect(next.slice(0, 1)).toEqual(['c'])
  expect(new Set(next)).toEqual(new Set(['c', 'late', 'a', 'b']))
})

test.each(storeEngines)('on %s a new life begins with all its tries', async (engine) => {
  await using fresh = await freshStore(engine)
  const { store } = fresh
  await leaveRollback(store, 't')
  while ((await sweepOnce(store)).length > 0);
  await store.transaction(async (scope) => {
    await scope.ledger.clear('t')
    await scope.tasks.touch('t')
  })
  expect(await sweepOnce(store)).toEqual(['t'])
})
