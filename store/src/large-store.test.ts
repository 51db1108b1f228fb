/** What the database does for what is asked of it, by its own word: never looking at all of a table that grows. */
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { createConnection } from 'mysql2/promise'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore, type Asked, type Store, type StoreConfig } from './store.ts'

const now = 2_000_000_000_000
const before = { createdAt: now, taskId: 't' }
const snapshot = { snapshot_id: 'list', started_at: now, sites: 0, skipped: 0, complete: 1 }
const wikis = (filter: object) => (store: Store) => store.wikis.list({ limit: 51, ...filter })
const tasks = (filter: object) => (store: Store) => store.tasks.list({ limit: 51, ...filter })

const asks: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'wikis of a member': wikis({ ownerId: 1 }),
  'wikis as a member sees them': wikis({ seenBy: 1 }),
  'featured wikis as a member sees them': wikis({ seenBy: 1, featured: true }),
  'wikis by text': wikis({ text: 'no such' }),
  'wikis by text as a member sees them': wikis({ text: 'no such', seenBy: 1, engine: 'fedwiki' }),
  'featured wikis by text': wikis({ text: 'a', featured: true, visibility: 'public', before: 1_000 }),
  'wikis by status': wikis({ status: 'failed', engine: 'fedwiki', visibility: 'public' }),
  'wikis to purge': (store) => store.wikis.purgeable(now),
  'a place in the quota': (store) => store.wikis.countOwned(1, 'fedwiki'),
  'a tombstone': (store) => store.wikis.tombstone('fedwiki', 'a'),
  'all tasks': tasks({}),
  'all tasks, a later page': tasks({ before }),
  'tasks by status': tasks({ status: 'failed' }),
  'tasks by status, a later page': tasks({ status: 'failed', before }),
  'tasks by kind': tasks({ kind: 'create_wiki' }),
  'tasks by kind and status': tasks({ kind: 'create_wiki', status: 'failed' }),
  'tasks of a member': tasks({ userId: 1 }),
  'tasks of a member by status': tasks({ userId: 1, status: 'failed' }),
  'tasks of a member by kind': tasks({ userId: 1, kind: 'purge_wiki' }),
  'tasks of a wiki': tasks({ wikiId: 1 }),
  'open tasks': (store) => store.tasks.openUntouchedSince(now),
  'open tasks of a kind': (store) => store.tasks.openOfKind('sync_sites'),
  'how many are open': (store) => store.tasks.countOpen(),
  'the latest of a kind': (store) => store.tasks.latestOfKind('sync_sites'),
  'rollbacks whose turn it is': (store) => store.tasks.rollbackIncomplete(now, 1),
  'an idempotency key': (store) => store.tasks.byIdempotencyKey(1, 'a'),
  'events of a task': (store) => store.tasks.eventsAfter('t', 0),
  'open alarms': (store) => store.alarms.open(),
  'recent alarms': (store) => store.alarms.recent(),
  'offers of a member': (store) => store.transfers.of(1),
  'wikis coming to a member': (store) => store.transfers.countComing(1, 'fedwiki'),
  'withdrawing an offer': (store) => store.transfers.withdraw(1),
  'a list of sites compared': async (store) => {
    await store.snapshots.unclaimed(snapshot, '')
    await store.snapshots.missing(snapshot)
    await store.snapshots.confirmedGone(snapshot)
    await store.snapshots.believed(snapshot)
    await store.snapshots.adoptServing(snapshot)
    await store.snapshots.touch('list', now)
    await store.snapshots.dismiss('list')
    await store.snapshots.remove('list')
  },
  'who waits for which host': (store) => store.lines.waitingByHost('create'),
  hosts: (store) => store.hosts.list(),
  'a place for a wiki': (store) => store.transaction((scope) => scope.hosts.place(now)),
  audit: (store) => store.audit.list({ limit: 51, userId: 1, before: 5 }),
}

/** So many rows that looking at all of them is the worse plan. */
async function fill(store: Store): Promise<void> {
  for (let from = 0; from < 2_000; from += 500) {
    const numbers = Array.from({ length: 500 }, (_, n) => from + n)
    await store.wikis.insertMany(
      numbers.map((n) => ({
        ...({
          engine: 'fedwiki',
          address: `site-${String(n)}.example.org`,
          name: 'A',
          status: 'active',
        } as const),
        ...({ visibility: n % 2 === 0 ? 'public' : 'private', customDomain: false, taskId: null } as const),
        ...{ ownerId: n % 100, ownerSubject: '', ownerName: '' },
      })),
    )
    await store.transaction(async ({ snapshots, tasks: written }) => {
      if (from === 0) await snapshots.begin('list', 1)
      const site = { serving: 'active', ownerSubject: null, ownerName: null } as const
      await snapshots.add(
        'list',
        numbers.map((n) => ({ ...site, address: `site-${String(n)}.example.org` })),
      )
      for (const n of numbers.slice(0, 100)) {
        const taskId = `task-${String(n)}`
        await written.insert({
          ...({ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: n, userId: n % 50 } as const),
          ...{ workflowType: 'W', input: {}, message: 'Making.' },
        })
        await written.append({ taskId, run: 1, event: { type: 'status', status: 'succeeded' } })
      }
    })
  }
}

const grows = /wikifarm_(wikis|tasks|task_events|idempotency|snapshot_sites|alarms|transfers|audit)\b/

async function plansOf(config: StoreConfig, asked: readonly Asked[]): Promise<string[]> {
  const found: string[] = []
  const explainable = asked.filter(({ sql }) => /^(select|update|delete)/.test(sql) && grows.test(sql))
  if (config.engine === 'sqlite') {
    const database = new DatabaseSync(config.filename)
    for (const { sql, parameters } of explainable) {
      // The latest of all, by the number that the rows are kept in.
      if (!sql.includes(' where ') && sql.includes(' limit ')) continue
      const rows = database.prepare(`explain query plan ${sql}`).all(...(parameters as SQLInputValue[]))
      // "SCAN t USING INDEX i" goes along an index that gives the order, and ends with the page; "part" and "page" are such.
      const all = rows
        .map(({ detail }) => String(detail))
        .filter((detail) => /^SCAN (?!part$|page$)(?!.*USING)/.test(detail))
      if (all.length > 0) found.push(`${all.join('; ')}: ${sql}`)
    }
    database.close()
    return found
  }
  const { socketPath = '', user, database } = config
  const connection = await createConnection({ socketPath, user, database })
  await connection.query('analyze table wikifarm_wikis, wikifarm_tasks, wikifarm_snapshot_sites')
  for (const { sql, parameters } of explainable) {
    const [rows] = await connection.query(`explain ${sql}`, [...parameters])
    for (const { type, table, rows: looked } of rows as { type: string; table: string; rows: number }[]) {
      if (type === 'ALL' && !table.startsWith('<') && looked > 500) found.push(`${table}: ${sql}`)
    }
  }
  await connection.end()
  return found
}

test.each(storeEngines)(
  'on %s nothing that is asked often looks at all of a table that grows',
  async (engine) => {
    await using fresh = await freshStore(engine)
    await fill(fresh.store)
    const asked: Asked[] = []
    await using store = await openStore(fresh.config, { listener: (each) => void asked.push(each) })
    for (const [what, ask] of Object.entries(asks)) {
      asked.length = 0
      await ask(store)
      expect(asked.length, what).toBeGreaterThan(0)
      expect(await plansOf(fresh.config, asked), what).toEqual([])
    }
  },
)
