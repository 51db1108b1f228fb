/** What a retry may take back of what a failed task had to let go; the Temporal that would run it is away. */
import { Client, Connection } from '@temporalio/client'
import type { TaskRow, WikiRow } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitCreate, admitDelete, admitRestore, type Admitted } from './admission.ts'
import { retryTask } from './task-control.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

const siteLimit = 1

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let connection: Connection
  beforeEach(async () => {
    fresh = await freshStore(engine)
    // Without the client's own retries: they would go on, and throw, after the connection was closed.
    connection = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 100, interceptors: [] })
  })
  afterEach(async () => {
    await connection.close()
    await fresh[Symbol.asyncDispose]()
  })

  const member = async (name: string): Promise<number> => {
    const user = { name, role: 'member', issuer: 'test', subject: name } as const
    return (await fresh.store.transaction((scope) => scope.users.ensure(user))).user_id
  }
  const create = (userId: number, domain: string) =>
    admitCreate(fresh.store, {
      ...{ taskId: newTaskId(), userId, domain, name: domain, supportUrl: '', siteLimit },
      ...{ isCustomDomain: false, ownerName: 'x', ownerId: `sub-${String(userId)}` },
    })
  const on = ({ wiki_id: wikiId, owner_id: userId }: WikiRow) => ({
    ...{ taskId: newTaskId(), userId, supportUrl: '', wikiId },
  })
  const retry = ({ task_id: taskId }: TaskRow) => {
    const runs = new WorkflowRuns(new Client({ connection }))
    return retryTask({ store: fresh.store, runs, siteLimit, wikiLimit: 1 }, taskId)
  }

  /** Ends the task as its activities would, with the wiki's row as they would leave it. */
  async function end({ task, wiki }: Admitted, code: 'fault' | undefined, change: Partial<WikiRow>) {
    const wikiId = wiki?.wiki_id ?? 0
    return fresh.store.transaction(async (scope) => {
      const status = code === undefined ? 'succeeded' : 'failed'
      const event = { type: 'status', status, message: 'It ended.', ...(code && { code }) } as const
      await scope.tasks.append({ taskId: task.task_id, run: task.run, event })
      await scope.wikis.change(wikiId, change)
      await scope.wikis.letGo(wikiId, task.task_id)
      return scope.wikis.get(wikiId)
    })
  }

  test('a restoration that is tried again needs a place in the quota as it did at first', async () => {
    const ada = await member('ada')
    const made = await end(await create(ada, 'one.example.org'), undefined, { status: 'active' })
    const kept = { status: 'archived', purge_after: Date.now() + 60_000 } as const
    const archived = await end(await admitDelete(fresh.store, on(made)), undefined, kept)
    const restoring = await admitRestore(fresh.store, { ...on(archived), siteLimit })
    await end(restoring, 'fault', kept)
    await create(ada, 'two.example.org')
    await expect(retry(restoring.task)).rejects.toMatchObject({ code: 'quota_reached' })
    expect(await fresh.store.wikis.get(made.wiki_id)).toMatchObject({ status: 'archived', task_id: null })
  })

  test('a wiki that is removed for good keeps its place until it is gone, for that may be cancelled', async () => {
    const ada = await member('ada')
    const made = await end(await create(ada, 'one.example.org'), undefined, { status: 'active' })
    const purging = await admitDelete(fresh.store, { ...on(made), now: true })
    await expect(create(ada, 'two.example.org')).rejects.toMatchObject({ code: 'quota_reached' })
    await end(purging, undefined, { status: 'archived', purge_after: Date.now() })
    await admitDelete(fresh.store, { ...on(made), now: true })
    await create(ada, 'two.example.org')
  })

  test('a failed deletion is not tried again on what belongs to somebody else since', async () => {
    const [ada, bob] = [await member('ada'), await member('bob')]
    const made = await end(await create(ada, 'one.example.org'), undefined, { status: 'active' })
    const deleting = await admitDelete(fresh.store, on(made))
    await end(deleting, 'fault', { status: 'active', owner_id: bob })
    await expect(retry(deleting.task)).rejects.toMatchObject({ code: 'not_retryable' })
    expect(await fresh.store.wikis.get(made.wiki_id)).toMatchObject({ status: 'active', task_id: null })
  })

  test('a wiki that was to be removed at once, and stands since that failed, is removed by a retry', async () => {
    const made = await end(await create(await member('ada'), 'one.example.org'), undefined, {
      status: 'active',
    })
    const purging = await admitDelete(fresh.store, { ...on(made), now: true })
    await end(purging, 'fault', { status: 'active' })
    expect(await retry(purging.task)).toMatchObject({ kind: 'purge_wiki', status: 'queued', run: 2 })
    expect(await fresh.store.wikis.get(made.wiki_id)).toMatchObject({ status: 'purging' })
  })

  test('a removal that failed in one undo window is not tried again in the next', async () => {
    const kept = { status: 'archived', purge_after: Date.now() + 60_000 } as const
    const ada = await member('ada')
    const made = await end(await create(ada, 'one.example.org'), undefined, { status: 'active' })
    const archived = await end(await admitDelete(fresh.store, on(made)), undefined, kept)
    const purging = await admitDelete(fresh.store, { ...on(made), now: true })
    await end(purging, 'fault', kept)
    const again = await retry(purging.task)
    expect(again).toMatchObject({ status: 'queued', run: 2 })
    await end({ ...purging, task: again }, 'fault', kept)

    const restoring = await admitRestore(fresh.store, { ...on(archived), siteLimit })
    await end(restoring, undefined, { status: 'active', purge_after: null })
    await expect(retry(purging.task)).rejects.toMatchObject({ code: 'not_retryable' })
    // The clock may not have moved since the first removal was asked for.
    await expect.poll(() => Date.now()).toBeGreaterThan(purging.task.created_at)
    await end(await admitDelete(fresh.store, on(made)), undefined, kept)
    await expect(retry(purging.task)).rejects.toMatchObject({ code: 'not_retryable' })
    expect(await fresh.store.wikis.get(made.wiki_id)).toMatchObject({ status: 'archived', task_id: null })
  })

  test('a wiki that changed hands after its owner was asked for is not touched', async () => {
    const [ada, bob] = [await member('ada'), await member('bob')]
    const made = await end(await create(ada, 'one.example.org'), undefined, {
      ...{ status: 'active', owner_id: bob },
    })
    const asked = { ...on(made), userId: ada, ownerId: ada }
    await expect(admitDelete(fresh.store, asked)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await fresh.store.wikis.get(made.wiki_id)).toMatchObject({ status: 'active', task_id: null })
    await admitDelete(fresh.store, { ...asked, ownerId: bob })
  })

  test('a failed creation takes its name and its place again, and waits for Temporal to come back', async () => {
    const created = await create(await member('ada'), 'one.example.org')
    const { wiki_id: wikiId } = await end(created, 'fault', { status: 'failed' })
    await fresh.store.wikis.release(wikiId, 'failed')
    expect(await retry(created.task)).toMatchObject({ status: 'queued', run: 2 })
    expect(await fresh.store.wikis.get(wikiId)).toMatchObject({
      ...{ status: 'creating', claim: 'one.example.org', task_id: created.task.task_id },
    })
  })
})
