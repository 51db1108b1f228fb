/** Who gets what when many ask at once; on both engines, over two connections as two API processes have them. */
import { Refusal, sentences, type RefusalCode } from '@wikistead/contracts'
import type { Store, WikiRow } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  admitChange,
  admitCreate,
  admitDelete,
  admitPurge,
  admitRestore,
  type Admitted,
  type CreateFedWikiSite,
} from './admission.ts'
import { newTaskId } from '../temporal/task-id.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  /** Two processes' views of one database, taken in turn. */
  let stores: Store[]
  let turn = 0
  const store = () => stores[turn++ % stores.length] ?? fresh.store

  beforeEach(async () => {
    fresh = await freshStore(engine)
    stores = [fresh.store, await fresh.open()]
  })
  afterEach(() => fresh[Symbol.asyncDispose]())

  const member = async (name: string, siteLimit: number | null = null) =>
    (
      await fresh.store.transaction((scope) =>
        scope.users.ensure({ name, role: 'member', issuer: 'test', subject: name, siteLimit }),
      )
    ).user_id

  const create = (userId: number, domain: string, more: Partial<CreateFedWikiSite> = {}) =>
    admitCreate(store(), {
      ...{ taskId: newTaskId(), userId, domain, name: domain, supportUrl: '', siteLimit: 100 },
      ...{ isCustomDomain: false, ownerName: 'x', ownerId: `sub-${String(userId)}`, ...more },
    })

  /** A wiki that nobody works on. */
  async function idle(userId: number, domain: string, change: Partial<WikiRow> = {}): Promise<WikiRow> {
    const { wiki, task } = await create(userId, domain)
    const wikiId = wiki?.wiki_id ?? 0
    await fresh.store.wikis.change(wikiId, { status: 'active', ...change })
    await fresh.store.wikis.letGo(wikiId, task.task_id)
    return fresh.store.wikis.get(wikiId)
  }

  const on = (wiki: WikiRow) => ({
    ...{ taskId: newTaskId(), userId: wiki.owner_id, supportUrl: '', wikiId: wiki.wiki_id },
  })

  async function outcomes(admissions: readonly Promise<Admitted>[]) {
    const settled = await Promise.allSettled(admissions)
    const refusals = settled.flatMap((result) => {
      if (result.status === 'fulfilled') return []
      if (!(result.reason instanceof Refusal)) throw result.reason
      return [result.reason]
    })
    const admitted = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    return { admitted, refusals, codes: refusals.map(({ code }): RefusalCode => code) }
  }
  const times = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index))

  test.each([
    ['one user', 1],
    ['twenty users', 20],
  ])(
    'twenty creations of one name at once, by %s: one is admitted, the others read the sentence',
    async (_, users) => {
      const ids = await Promise.all(times(users, (index) => member(`m${String(index)}`)))
      const { admitted, refusals } = await outcomes(
        times(20, (index) => create(ids[index % users] ?? 0, 'notes.wiki.test')),
      )
      expect(admitted).toHaveLength(1)
      expect(refusals.map(({ code, message }) => `${code}: ${message}`)).toEqual(
        times(19, () => `name_taken: ${sentences.name_taken}`),
      )
      const rows = await fresh.store.wikis.list({ limit: 100 })
      expect(rows.map(({ owner_id: owner, task_id: task }) => [owner, task])).toEqual(
        admitted.map(({ task }) => [task.user_id, task.task_id]),
      )
      expect(await fresh.store.tasks.list({ limit: 100 })).toHaveLength(1)
    },
  )

  test('twenty creations at once by a user with one place left: one is admitted', async () => {
    const userId = await member('ada', 3)
    await idle(userId, 'first.wiki.test')
    await idle(userId, 'second.wiki.test')
    const { admitted, codes } = await outcomes(
      times(20, (index) => create(userId, `n${String(index)}.wiki.test`)),
    )
    expect(admitted).toHaveLength(1)
    expect(codes).toEqual(times(19, () => 'quota_reached'))
    expect(await fresh.store.wikis.countOwned(userId, 'fedwiki')).toBe(3)
  })

  test('a limit of zero, and the farm’s limit for those without one of their own', async () => {
    await expect(create(await member('nobody', 0), 'a.wiki.test')).rejects.toMatchObject({
      code: 'quota_reached',
    })
    const userId = await member('ada')
    await create(userId, 'b.wiki.test', { siteLimit: 1 })
    await expect(create(userId, 'c.wiki.test', { siteLimit: 1 })).rejects.toMatchObject({
      ...{ code: 'quota_reached', details: { limit: 1 } },
    })
  })

  test('ten requests with one key at once are one task', async () => {
    const userId = await member('ada')
    const idempotency = { key: 'once', requestHash: 'a' }
    const { admitted } = await outcomes(times(10, () => create(userId, 'notes.wiki.test', { idempotency })))
    expect(new Set(admitted.map(({ task }) => task.task_id)).size).toBe(1)
    expect(admitted.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await fresh.store.tasks.list({ limit: 100 })).toHaveLength(1)

    const other = { idempotency: { key: 'once', requestHash: 'b' } }
    await expect(create(userId, 'notes.wiki.test', other)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    // Keys are each user's own.
    const stranger = await create(await member('bob'), 'bobs.wiki.test', { idempotency })
    expect(stranger.replayed).toBe(false)
  })

  test('what is refused leaves no trace, not even its key', async () => {
    const userId = await member('ada', 1)
    await idle(userId, 'first.wiki.test')
    const idempotency = { key: 'later', requestHash: 'a' }
    await expect(create(userId, 'second.wiki.test', { idempotency })).rejects.toThrow(Refusal)
    expect(await fresh.store.wikis.byClaim('fedwiki', 'second.wiki.test')).toBeUndefined()
    expect(await fresh.store.tasks.list({ limit: 100 })).toHaveLength(1)
    await fresh.store.users.change(userId, { site_limit: 2 })
    expect((await create(userId, 'second.wiki.test', { idempotency })).replayed).toBe(false)
  })

  test('ten deletions at once are one task, and the others learn whose turn it is', async () => {
    const wiki = await idle(await member('ada'), 'notes.wiki.test')
    const { admitted, refusals } = await outcomes(times(10, () => admitDelete(store(), on(wiki))))
    expect(admitted.map(({ task }) => task.kind)).toEqual(['delete_wiki'])
    expect(refusals.map(({ code, details }) => [code, details['task_id']])).toEqual(
      times(9, () => ['busy', admitted[0]?.task.task_id]),
    )
  })

  test('a deletion, a change and a restoration at once: one is admitted', async () => {
    const wiki = await idle(await member('ada'), 'notes.wiki.test')
    const { admitted, refusals } = await outcomes([
      admitDelete(store(), on(wiki)),
      admitChange(store(), { ...on(wiki), change: { serving: 'readonly' } }),
      admitDelete(store(), { ...on(wiki), now: true }),
    ])
    expect(admitted).toHaveLength(1)
    expect(refusals.map(({ code, details }) => [code, details['task_id']])).toEqual(
      times(2, () => ['busy', admitted[0]?.task.task_id]),
    )
  })

  test('a refused change leaves the wiki to nobody', async () => {
    const wiki = await idle(await member('ada'), 'notes.wiki.test', { status: 'archived' })
    await expect(
      admitChange(store(), { ...on(wiki), change: { serving: 'readonly' } }),
    ).rejects.toMatchObject({ code: 'wiki_not_found' })
    expect((await fresh.store.wikis.get(wiki.wiki_id)).task_id).toBeNull()
  })

  test('a change of our own rows is made only when the task is admitted', async () => {
    const wiki = await idle(await member('ada'), 'notes.wiki.test')
    const { task } = await admitDelete(store(), on(wiki))
    const change = { change: { serving: 'readonly' }, fields: { name: 'Another name' } } as const
    await expect(admitChange(store(), { ...on(wiki), ...change })).rejects.toMatchObject({
      ...{ code: 'busy', details: { task_id: task.task_id } },
    })
    expect((await fresh.store.wikis.get(wiki.wiki_id)).name).toBe('notes.wiki.test')
    const other = await idle(wiki.owner_id, 'others.wiki.test')
    await admitChange(store(), { ...on(other), ...change })
    expect(await fresh.store.wikis.get(other.wiki_id)).toMatchObject({
      name: 'Another name',
      status: 'changing',
    })
  })

  test('deleting once more never removes what can still be restored', async () => {
    const purgeAfter = Date.now() + 60_000
    const archived = { status: 'archived', purge_after: purgeAfter } as const
    const wiki = await idle(await member('ada'), 'notes.wiki.test', archived)
    await expect(admitDelete(store(), on(wiki))).rejects.toMatchObject({ code: 'wiki_not_found' })
    expect(await fresh.store.wikis.get(wiki.wiki_id)).toMatchObject({ ...archived, task_id: null })
    const { task } = await admitDelete(store(), { ...on(wiki), now: true })
    expect(task.kind).toBe('purge_wiki')
  })

  test('a purge takes a wiki only while its undo window is over', async () => {
    const userId = await member('ada')
    const restored = await idle(userId, 'restored.wiki.test')
    const deletedAgain = await idle(userId, 'again.wiki.test', { status: 'archived', purge_after: 2_000 })
    const over = await idle(userId, 'over.wiki.test', { status: 'archived', purge_after: 1_000 })
    for (const wiki of [restored, deletedAgain]) {
      await expect(admitPurge(store(), { ...on(wiki), expiredBy: 1_500 })).rejects.toMatchObject({
        code: 'wiki_not_found',
      })
    }
    const { task } = await admitPurge(store(), { ...on(over), expiredBy: 1_500 })
    expect(task).toMatchObject({ kind: 'purge_wiki', workflow_type: 'PurgeFedWikiSiteWorkflow' })
  })

  test('a restoration and a purge at once: one is admitted, and it alone decides', async () => {
    const userId = await member('ada')
    for (let round = 0; round < 5; round += 1) {
      const wiki = await idle(userId, `r${String(round)}.wiki.test`, { status: 'archived', purge_after: 1 })
      const { admitted, codes } = await outcomes([
        admitRestore(store(), { ...on(wiki), siteLimit: 100 }),
        admitPurge(store(), { ...on(wiki), expiredBy: Date.now() }),
      ])
      expect(codes).toEqual(['busy'])
      expect((await fresh.store.wikis.get(wiki.wiki_id)).status).toBe(
        admitted[0]?.task.kind === 'restore_wiki' ? 'restoring' : 'purging',
      )
    }
  })

  test('two restorations at once for one place: one is admitted', async () => {
    const userId = await member('ada', 1)
    const archived = { status: 'archived', purge_after: Date.now() + 60_000 } as const
    const first = await idle(userId, 'first.wiki.test', archived)
    const second = await idle(userId, 'second.wiki.test', archived)
    const { codes } = await outcomes(
      [first, second].map((wiki) => admitRestore(store(), { ...on(wiki), siteLimit: 100 })),
    )
    expect(codes).toEqual(['quota_reached'])
  })

  test('only what is in its undo window can be restored', async () => {
    const wiki = await idle(await member('ada'), 'notes.wiki.test')
    await expect(admitRestore(store(), { ...on(wiki), siteLimit: 100 })).rejects.toMatchObject({
      ...{ code: 'not_restorable', details: { status: 'active' } },
    })
  })

  test('the name of a wiki in its undo window is taken, and its owner learns that it can be restored', async () => {
    const ada = await member('ada')
    const wiki = await idle(ada, 'notes.wiki.test', { status: 'archived' })
    await expect(create(ada, 'notes.wiki.test')).rejects.toMatchObject({
      ...{ code: 'name_taken', details: { restorable_wiki_id: wiki.wiki_id } },
    })
    const stranger = create(await member('bob'), 'notes.wiki.test')
    await expect(stranger).rejects.toMatchObject({
      ...{ code: 'name_taken', message: sentences.name_taken, details: { domain: 'notes.wiki.test' } },
    })
  })

  test('the longest domain that there is can be claimed', async () => {
    const domain = `${[60, 60, 60, 60].map((length) => 'a'.repeat(length)).join('.')}.example.o`
    expect(domain.length).toBe(253)
    const { wiki } = await create(await member('ada'), domain, { isCustomDomain: true })
    expect(wiki?.claim).toBe(domain)
  })
})
