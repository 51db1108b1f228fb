/** Over real stores, with a clock that is far ahead. */
import { freshStore, storeEngines } from '@wikistead/test/stores'
import type { NewWiki, Store } from '@wikistead/store'
import { describe, expect, test } from 'vitest'
import { keepDefaults, letGoOfTheOld } from './retention.ts'

const day = 86_400_000
const later = (days: number): number => Date.now() + days * day
const retain = (store: Store, days: number) => letGoOfTheOld(store, keepDefaults, undefined, later(days))

const site = (address: string): NewWiki => ({
  ...{ engine: 'fedwiki', address, name: address, status: 'active', visibility: 'public', taskId: null },
  ...{ customDomain: false, ownerId: 1, ownerSubject: '', ownerName: '' },
})

interface Ended {
  readonly kind?: 'create_wiki' | 'change_wiki' | 'delete_wiki'
  readonly wikiId?: number
  readonly code?: 'fault' | 'rollback_incomplete'
  readonly warning?: string
  readonly openLine?: boolean
  readonly lines?: number
}

async function ended(store: Store, taskId: string, task: Ended = {}): Promise<void> {
  const { kind = 'change_wiki', wikiId = null, code, warning, openLine = false, lines = 0 } = task
  await store.transaction(async ({ tasks, ledger }) => {
    const engine = 'fedwiki'
    await tasks.insert({
      ...{ taskId, kind, engine, wikiId, userId: 1, workflowType: 'W', input: {}, message: 'Doing it.' },
    })
    if (openLine) await ledger.reach(taskId, 'create_site', wikiId)
    if (lines > 0) {
      await tasks.appendLogs({
        ...{ taskId, run: 1 },
        events: Array.from({ length: lines }, (_, n) => ({
          event: { type: 'log', phase: 'index', stream: 'out', line: `line ${String(n)}` } as never,
          dedupeKey: `line ${String(n)}`,
        })),
      })
    }
    await tasks.append({
      ...{ taskId, run: 1 },
      event: {
        ...{ type: 'status', status: code === undefined ? 'succeeded' : 'failed' },
        ...(code !== undefined && { code }),
        ...(warning !== undefined && { warning }),
      },
    })
  })
}

describe.each(storeEngines)('%s', (engine) => {
  test('an ended task goes with all that is known of it, unless it is needed to undo, to try again or to know whose a wiki is', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const wiki = await store.wikis.insert(site('a.example.org'))
    const gone = await store.wikis.insert(site('gone.example.org'))
    await store.wikis.release(gone.wiki_id, 'deleted')
    await ended(store, 'plain', { lines: 3 })
    await ended(store, 'made it', { kind: 'create_wiki', wikiId: wiki.wiki_id })
    await ended(store, 'changed it', { wikiId: wiki.wiki_id })
    await ended(store, 'made what is gone', { kind: 'create_wiki', wikiId: gone.wiki_id })
    await ended(store, 'left something', { code: 'rollback_incomplete' })
    await ended(store, 'may have made', { openLine: true })
    await ended(store, 'half', { wikiId: wiki.wiki_id, warning: 'not_indexed' })
    await ended(store, 'at work', { wikiId: wiki.wiki_id })
    await store.wikis.take(wiki.wiki_id, 'at work')
    await store.transaction(({ tasks }) =>
      tasks.insert({
        ...{ taskId: 'open', kind: 'change_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'W', input: {}, message: 'Waiting.' },
      }),
    )
    const kept = async () => (await store.tasks.list({ limit: 50 })).map(({ task_id: id }) => id).sort()
    const all = await kept()
    await retain(store, 364)
    expect(await kept()).toEqual(all)
    await retain(store, 366)
    const needed = ['at work', 'half', 'left something', 'made it', 'may have made', 'open']
    expect(await kept()).toEqual(needed)
    expect(await store.tasks.eventsAfter('plain', 0)).toEqual([])
    // Again and again: what is needed no more goes with a later round.
    await store.wikis.letGo(wiki.wiki_id, 'at work')
    await store.transaction(({ ledger }) => ledger.settle('may have made', 'create_site', 'undone'))
    for (let round = 0; round < 3; round += 1) await retain(store, 367)
    expect(await kept()).toEqual(['half', 'left something', 'made it', 'open'])
    await store.wikis.release(wiki.wiki_id, 'deleted')
    for (let round = 0; round < 3; round += 1) await retain(store, 367)
    expect(await kept()).toEqual(['left something', 'open'])
  })

  test('output goes first, however much there is, and the events beside it stay', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await ended(store, 'much', { lines: 1_200 })
    await ended(store, 'little', { lines: 2 })
    const types = async (taskId: string) =>
      (await store.tasks.eventsAfter(taskId, 0, 5_000)).map(({ type }) => type)
    await retain(store, 29)
    expect(await types('much')).toHaveLength(1_202)
    await retain(store, 31)
    expect(await types('much')).toEqual(['progress', 'status'])
    expect(await types('little')).toEqual(['progress', 'status'])
  })

  test('alarms, offers, tombstones and idempotency keys go when they are old, and only if they are over', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const alarm = { code: 'host_away', message: 'm', mend: 'look' }
    await store.alarms.raise({ ...alarm, subject: 'over' })
    await store.alarms.clear('host_away', 'over')
    await store.alarms.raise({ ...alarm, subject: 'open' })
    const wiki = await store.wikis.insert(site('a.example.org'))
    const gone = await store.wikis.insert(site('gone.example.org'))
    await store.wikis.release(gone.wiki_id, 'deleted')
    await ended(store, 'task', { kind: 'delete_wiki', wikiId: gone.wiki_id })
    await store.transaction(async (scope) => {
      await scope.transfers.offer(wiki.wiki_id, 1)
      await scope.tasks.rememberIdempotencyKey(1, 'key', 'hash', 'task')
    })
    await retain(store, 91)
    expect((await store.alarms.recent()).map(({ subject }) => subject)).toEqual(['open'])
    expect(await store.tasks.byIdempotencyKey(1, 'key')).toBeUndefined()
    expect(await store.transfers.of(1)).toHaveLength(1)
    await retain(store, 364)
    expect(await store.wikis.find(gone.wiki_id)).toBeDefined()
    // Its last task goes first, then it; the offer had a week of its own.
    for (let round = 0; round < 3; round += 1) await retain(store, 373)
    expect(await store.tasks.find('task')).toBeUndefined()
    expect(await store.wikis.find(gone.wiki_id)).toBeUndefined()
    expect(await store.wikis.find(wiki.wiki_id)).toBeDefined()
    expect(await store.transfers.of(1)).toEqual([])
  })
})
