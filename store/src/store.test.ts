import { storeEngines, freshStore } from '@wikistead/test/stores'
import { expect, test, describe } from 'vitest'
import type { NewTask, Store } from './index.ts'
import type { NewWiki } from './wikis/wikis.ts'

const newTask = (taskId: string): NewTask => ({
  taskId,
  kind: 'create_wiki',
  engine: 'fedwiki',
  wikiId: null,
  userId: 1,
  workflowType: 'CreateFedWikiSiteWorkflow',
  input: { domain: 'ada' },
  message: 'Waiting for its turn.',
})

const newWiki = (address: string, ownerId = 1): NewWiki => ({
  engine: 'fedwiki',
  address,
  name: 'Ada\'s "Notes" ${HOME} 🦊',
  status: 'creating',
  visibility: 'public',
  customDomain: false,
  ownerId,
  ownerSubject: 'sub-1',
  ownerName: 'Ada',
  taskId: 't',
})

const insertTask = (store: Store, taskId: string) =>
  store.transaction((scope) => scope.tasks.insert(newTask(taskId)))

const status = (message: string) => ({ type: 'status', status: 'failed', message }) as const
const progress = (percent: number, message = 'on its way') =>
  ({ type: 'progress', status: 'running', progress: percent, message }) as const

describe.each(storeEngines)('%s', (engine) => {
  test('two transactions claim one address: one wins, the other hears that it is taken', async () => {
    await using fresh = await freshStore(engine)
    const second = await fresh.open()
    const claim = (store: Store) =>
      store.transaction((scope) => scope.wikis.insert(newWiki('ada.example.org')))
    const claims = await Promise.allSettled([claim(fresh.store), claim(second), claim(fresh.store)])
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of claims) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' })
    }
  })

  test('a released address can be claimed again, and its tombstone remembers the owner', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const first = await store.wikis.insert(newWiki('ada.example.org'))
    await store.wikis.release(first.wiki_id, 'removed')
    expect(await store.wikis.tombstone('fedwiki', 'ada.example.org')).toMatchObject({ owner_id: 1 })
    const second = await store.wikis.insert(newWiki('ada.example.org', 2))
    expect(second.wiki_id).not.toBe(first.wiki_id)
    await expect(store.wikis.reclaim(first.wiki_id)).rejects.toMatchObject({ code: 'name_taken' })
  })

  test('a place in the quota is never given twice: with the user held, counts see every commit', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    const user = await fresh.store.users.ensure({ name: 'Ada', role: 'member', issuer: 'i', subject: 's' })
    const take = async (store: Store, n: number) =>
      store.transaction(async (scope) => {
        await scope.users.lock(user.user_id)
        if ((await scope.wikis.countOwned(user.user_id, 'fedwiki')) >= 3) return false
        await scope.wikis.insert(newWiki(`site-${String(n)}.example.org`, user.user_id))
        return true
      })
    const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => take(stores[n % 2] as Store, n)))
    expect(taken.filter(Boolean)).toHaveLength(3)
  })

  test('events get seq 1, 2, 3 … without a gap, also from two processes at once', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    await insertTask(fresh.store, 't')
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (stores[n % 2] as Store).transaction((scope) =>
          scope.tasks.append({ taskId: 't', run: 1, event: progress(n), dedupeKey: `k${String(n)}` }),
        ),
      ),
    )
    const events = await fresh.store.tasks.eventsAfter('t', 0)
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 41 }, (_, n) => n + 1))
    expect((await fresh.store.tasks.get('t')).last_seq).toBe(41)
  })

  test('the same dedupe key is written once, however often and from wherever it comes', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    await insertTask(fresh.store, 't')
    const seqs = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (stores[n % 2] as Store).transaction((scope) =>
          scope.tasks.append({ taskId: 't', run: 1, event: progress(5), dedupeKey: 'same' }),
        ),
      ),
    )
    expect(new Set(seqs)).toEqual(new Set([2]))
    expect(await fresh.store.tasks.eventsAfter('t', 0)).toHaveLength(2)
  })

  test('event and row commit together: an effect that fails takes the event with it', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await insertTask(store, 't')
    const heard: string[] = []
    store.onTaskCommitted((taskId) => heard.push(taskId))
    await expect(
      store.transaction(async (scope) => {
        await scope.tasks.append({ taskId: 't', run: 1, event: progress(50) })
        throw new Error('the effect failed')
      }),
    ).rejects.toThrow('the effect failed')
    expect(await store.tasks.get('t')).toMatchObject({ last_seq: 1, progress: 0, status: 'queued' })
    expect(await store.tasks.eventsAfter('t', 1)).toEqual([])
    expect(heard).toEqual([])
  })

  test('a life that is over is fenced, a revived task begins with a reset', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await insertTask(store, 't')
    const append = (
      run: number,
      event: Parameters<Store['transaction']>[0] extends never
        ? never
        : ReturnType<typeof progress> | ReturnType<typeof status>,
    ) => store.transaction((scope) => scope.tasks.append({ taskId: 't', run, event }))
    await append(1, status('It failed.'))
    await expect(append(1, progress(99))).rejects.toMatchObject({ code: 'fenced' })
    const revived = await store.transaction((scope) => scope.tasks.revive('t', 'Once more.'))
    expect(revived).toMatchObject({ run: 2, status: 'queued', progress: 0, ended_at: null })
    await expect(append(1, progress(99))).rejects.toMatchObject({ code: 'fenced' })
    await append(2, progress(10))
    const types = (await store.tasks.eventsAfter('t', 0)).map(({ type, seq }) => `${String(seq)} ${type}`)
    expect(types).toEqual(['1 progress', '2 status', '3 reset', '4 progress', '5 progress'])
  })

  test('what was written comes back to the byte', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await insertTask(store, 't')
    const message = `quote ' " ; $ \\ %_| \u2028 emoji 🦊 العربية ${'x'.repeat(70_000)}`
    await store.transaction((scope) => scope.tasks.append({ taskId: 't', run: 1, event: status(message) }))
    const [event] = await store.tasks.eventsAfter('t', 1)
    expect(event?.json).toBe(JSON.stringify(status(message)))
    expect((await store.wikis.insert(newWiki('a.example.org'))).name).toBe(newWiki('').name)
  })

  test('one task at a time works on a wiki', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const wiki = await store.wikis.insert({ ...newWiki('a.example.org'), taskId: null })
    const takes = await Promise.allSettled(['a', 'b', 'c'].map((id) => store.wikis.take(wiki.wiki_id, id)))
    expect(takes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { task_id: winner } = await store.wikis.get(wiki.wiki_id)
    await store.wikis.letGo(wiki.wiki_id, 'somebody else')
    expect((await store.wikis.get(wiki.wiki_id)).task_id).toBe(winner)
  })

  test('a list shows others’ private wikis to nobody else, and takes % and _ in a search as they are', async () => {
    await using fresh = await freshStore(engine)
    const { wikis } = fresh.store
    await wikis.insert({ ...newWiki('a.example.org', 1), status: 'active', name: '100% Ada_x' })
    await wikis.insert({ ...newWiki('b.example.org', 2), name: '1000 Ada-x', visibility: 'private' })
    const names = async (filter: object) =>
      (await wikis.list({ limit: 10, ...filter })).map(({ name }) => name)
    expect(await names({ seenBy: 1 })).toEqual(['100% Ada_x'])
    expect(await names({ seenBy: 2 })).toEqual(['1000 Ada-x', '100% Ada_x'])
    expect(await names({ text: '0% a' })).toEqual(['100% Ada_x'])
    expect(await names({ text: 'ADA_' })).toEqual(['100% Ada_x'])
    expect(await names({ before: 2 })).toEqual(['100% Ada_x'])
  })

  test('an alarm is open once, keeps its first hour, and can be raised again after it cleared', async () => {
    await using fresh = await freshStore(engine)
    const { alarms } = fresh.store
    const alarm = { code: 'sync_untrusted', subject: 'farm', message: 'm', mend: 'look', detail: { gone: 7 } }
    expect(await alarms.raise(alarm)).toBe(true)
    expect(await alarms.raise({ ...alarm, message: 'again' })).toBe(false)
    expect(await alarms.open()).toMatchObject([{ message: 'again', confirmed: null }])
    expect(await alarms.confirm('sync_untrusted', 'farm')).toBe(true)
    expect(await alarms.find('sync_untrusted', 'farm')).toMatchObject({ confirmed: '{"gone":7}' })
    expect(await alarms.clear('sync_untrusted', 'farm')).toBe(true)
    expect(await alarms.open()).toEqual([])
    expect(await alarms.raise(alarm)).toBe(true)
  })

  test('a token finds its user until it expires, and is not in the database', async () => {
    await using fresh = await freshStore(engine)
    const { users, tokens } = fresh.store
    const ada = await users.ensure({ name: 'Ada', role: 'member', issuer: 'i', subject: 's' })
    expect((await users.ensure({ name: 'X', role: 'admin', issuer: 'i', subject: 's' })).user_id).toBe(
      ada.user_id,
    )
    const token = await tokens.issue(ada.user_id, { label: 'cli' })
    const old = await tokens.issue(ada.user_id, { label: 'cli', expiresAt: Date.now() - 1 })
    expect(await tokens.find(token)).toMatchObject({ user: { name: 'Ada' }, scopes: null })
    expect(await tokens.find(old)).toBeUndefined()
    expect(await tokens.find(`${token}x`)).toBeUndefined()
  })

  test('several processes open one new store at once', async () => {
    await using fresh = await freshStore(engine)
    const stores = await Promise.all(Array.from({ length: 4 }, () => fresh.open()))
    await insertTask(stores[0] as Store, 't')
    expect((await (stores[3] as Store).tasks.get('t')).status).toBe('queued')
  })
})
