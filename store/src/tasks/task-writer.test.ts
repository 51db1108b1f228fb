import { freshStore, storeEngines } from '@wikistead/test/stores'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

test.each(storeEngines)(
  'on %s a rollback that is done at last is told in the log, and once',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const settle = () =>
      store.transaction((scope) =>
        scope.tasks.settleRollback('t', {
          ...{ type: 'status', status: 'failed', code: 'fault', message: 'It was undone.' },
        }),
      )
    await store.transaction(async (scope) => {
      await scope.tasks.insert({
        ...{ taskId: 't', kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'Deleting.' },
      })
      const event = { type: 'status', status: 'failed', code: 'rollback_incomplete' } as const
      await scope.tasks.append({ taskId: 't', run: 1, event })
    })
    await settle()
    await settle()
    expect(await store.tasks.get('t')).toMatchObject({
      ...{ status: 'failed', code: 'fault', message: 'It was undone.', last_seq: 3 },
    })
    const [, , last] = await store.tasks.eventsAfter('t', 0)
    expect(JSON.parse(last?.json ?? '')).toMatchObject({
      type: 'status',
      code: 'fault',
      message: 'It was undone.',
    })
  },
)

test.each(storeEngines)(
  'on %s an idempotency key is kept for its time, and while its task is open',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
    const remember = (taskId: string) =>
      store.transaction(async (scope) => {
        await scope.tasks.insert({
          ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
          ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'Deleting.' },
        })
        await scope.tasks.rememberIdempotencyKey(1, `key-${taskId}`, 'hash', taskId)
      })
    const end = (taskId: string) =>
      store.transaction((scope) =>
        scope.tasks.append({ taskId, run: 1, event: { type: 'status', status: 'succeeded' } }),
      )
    for (const taskId of ['ended', 'also', 'open']) await remember(taskId)
    for (const taskId of ['ended', 'also']) await end(taskId)
    vi.setSystemTime(Date.now() + 1_000)
    await remember('young')
    await end('young')
    const prune = (limit?: number) =>
      store.transaction((scope) => scope.tasks.pruneIdempotencyKeys(store.now(), limit))
    expect([await prune(1), await prune(), await prune()]).toEqual([1, 1, 0])
    const kept = ['ended', 'also', 'open', 'young'].map(async (taskId) =>
      store.tasks.byIdempotencyKey(1, `key-${taskId}`),
    )
    expect((await Promise.all(kept)).map((key) => key?.taskId)).toEqual([
      ...[undefined, undefined, 'open', 'young'],
    ])
  },
)

test.each(storeEngines)(
  'on %s output is told once, in its order, and not of a life that is over',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await store.transaction((scope) =>
      scope.tasks.insert({
        ...{ taskId: 't', kind: 'create_wiki', engine: 'mediawiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'CreateMediaWikiWorkflow', input: {}, message: 'Creating.' },
      }),
    )
    const heard: string[] = []
    store.onTaskCommitted((taskId) => heard.push(taskId))
    const tell = (lines: readonly string[], run = 1) =>
      store.transaction((scope) =>
        scope.tasks.appendLogs({
          ...{ taskId: 't', run },
          events: lines.map((line) => ({
            event: { type: 'log', phase: 'index', stream: 'stdout', line },
            dedupeKey: `log/${line}`,
          })),
        }),
      )
    await tell(['a', 'b'])
    await tell(['b', 'c', 'd'])
    await tell(['a', 'd'])
    const events = await store.tasks.eventsAfter('t', 1)
    expect(events.map(({ seq, json }) => [seq, (JSON.parse(json) as { line?: string }).line])).toEqual([
      ...[
        [2, 'a'],
        [3, 'b'],
        [4, 'c'],
        [5, 'd'],
      ],
    ])
    expect([(await store.tasks.get('t')).last_seq, heard]).toEqual([5, ['t', 't']])
    await expect(tell(['e'], 2)).rejects.toMatchObject({ code: 'fenced' })
  },
)
