/**
 * What a store answers in, when it is old: a million tasks and 200,000 wikis, on SQLite and on MariaDB. Each thing that
 * a request or the housekeeping asks is asked some times, and the slowest counts. `WIKISTEAD_BENCH_MARIADB` names the
 * socket of a MariaDB that may be filled; without it there is only SQLite. What was filled is kept in the folder of
 * temporary files for the next time.
 */
import { mkdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type StoreConfig } from '@wikistead/store'
import { letGoOfTheOld } from '@wikistead/tasks'
import { fillStore, type Size } from './fill-store.ts'
import { compare, milliseconds, summarize } from './measure.ts'
import { ms, times, type Row } from './table.ts'

const size: Size = { tasks: 1_000_000, wikis: 200_000 }
const small: Size = { tasks: 1_000, wikis: 200 }
const goalMs = 50
/** What takes less is told together. */
const worthARowMs = 5
const goalTimes = 1.3

export async function benchLargeStore(env: NodeJS.ProcessEnv): Promise<Row[]> {
  const rows: Row[] = []
  const mariadb = env['WIKISTEAD_BENCH_MARIADB']
  const large = [await sqliteAt(size), ...(mariadb === undefined ? [] : [await mariadbAt(mariadb, size)])]
  for (const config of large) {
    rows.push(...(await comparePages(config, mariadb)))
    const quick: number[] = []
    let slowest = 0
    await using store = await openStore(config, {
      listener: (asked) => (slowest = Math.max(slowest, asked.ms)),
    })
    for (const [what, ask] of Object.entries(asks(store))) {
      const whole: number[] = []
      const single: number[] = []
      // The first is asked of a cold cache, which is no fault of the statement.
      for (let round = 0; round < 6; round += 1) {
        slowest = 0
        whole.push(await milliseconds(() => ask(round)))
        single.push(slowest)
      }
      const { p50 } = summarize(single.slice(1))
      if (p50 < worthARowMs) {
        quick.push(p50)
        continue
      }
      rows.push({
        what: `${config.engine}: ${what}`,
        ours: `${ms(p50)} (all of it ${ms(summarize(whole.slice(1)).p50)})`,
        ...{ peer: '', result: '', goal: `≤ ${String(goalMs)} ms`, met: p50 <= goalMs },
      })
    }
    rows.push({
      what: `${config.engine}: whatever else routes and housekeeping ask, ${String(quick.length)} things`,
      ours: `at most ${ms(Math.max(...quick))}`,
      ...{ peer: '', result: '', goal: `≤ ${String(goalMs)} ms`, met: Math.max(...quick) <= goalMs },
    })
  }
  return rows
}

/** The pages that people open, in a store of a thousand rows and in the large one, in turn. */
async function comparePages(config: StoreConfig, mariadb = ''): Promise<Row[]> {
  const few = config.engine === 'sqlite' ? await sqliteAt(small) : await mariadbAt(mariadb, small)
  await using large = await openStore(config)
  await using little = await openStore(few)
  const peers = pages(little)
  const rows: Row[] = []
  for (const [what, ask] of Object.entries(pages(large))) {
    const { ours, peer, ratio } = await compare(60, ask, peers[what] ?? ask, 10)
    rows.push({
      what: `${config.engine}: a page of ${what}`,
      ...{
        ours: exactMs(ours.p50),
        peer: `${String(small.tasks)} tasks, ${String(small.wikis)} wikis: ${exactMs(peer.p50)}`,
      },
      ...{ result: times(ratio), goal: `≤ ${String(goalTimes)}×`, met: ratio <= goalTimes },
    })
  }
  return rows
}

/** Each with as many rows in both stores. */
function pages(store: Store): Readonly<Record<string, () => Promise<unknown>>> {
  const wikis = (filter: object) => () => store.wikis.list({ limit: 11, ...filter })
  const tasks = (filter: object) => () => store.tasks.list({ limit: 11, ...filter })
  return {
    wikis: wikis({}),
    'wikis, as a member sees them': wikis({ seenBy: 1 }),
    'wikis with a text that many have': wikis({ text: 'wiki' }),
    'wikis with a text that some have': wikis({ text: 'harbor' }),
    'wikis with a text that none has': wikis({ text: 'no such thing' }),
    tasks: tasks({}),
    'tasks that failed': tasks({ status: 'failed' }),
    'tasks of a member': tasks({ userId: 1 }),
    'tasks of a wiki': tasks({ wikiId: 77 }),
    'a task and its events': () =>
      Promise.all([store.tasks.find('task-000000000005'), store.tasks.eventsAfter('task-000000000005', 0)]),
  }
}

const exactMs = (value: number): string => `${value.toFixed(2)} ms`

/** What routes and housekeeping ask, each with what makes most work. */
function asks(store: Store): Readonly<Record<string, (round: number) => Promise<unknown>>> {
  const now = Date.now()
  const day = 86_400_000
  const wikis = (filter: object) => () => store.wikis.list({ limit: 51, ...filter })
  const tasks = (filter: object) => () => store.tasks.list({ limit: 51, ...filter })
  const taskId = (n: number): string => `task-${String(n).padStart(12, '0')}`
  const middle = { createdAt: now - 200 * day, taskId: taskId(500_000) }
  const snapshot = { snapshot_id: 'list', started_at: now, sites: 0, skipped: 0, complete: 1 }
  return {
    'wikis, all': wikis({}),
    'wikis, all, page 1,000 of an offset': wikis({ offset: 50_000 }),
    'wikis, of a member with 4,000': wikis({ ownerId: 1 }),
    'wikis, of a member with 40': wikis({ ownerId: 30 }),
    'wikis, as a member sees them': wikis({ seenBy: 30 }),
    'wikis, of an engine': wikis({ engine: 'mediawiki' }),
    'wikis, private': wikis({ visibility: 'private' }),
    'wikis, featured': wikis({ featured: true }),
    'wikis, featured, as a member sees them': wikis({ featured: true, seenBy: 30 }),
    'wikis, archived': wikis({ status: 'archived' }),
    'wikis, archived, of a member': wikis({ status: 'archived', ownerId: 30 }),
    'wikis, failed': wikis({ status: 'failed' }),
    'wikis, failed, of an engine': wikis({ status: 'failed', engine: 'fedwiki', visibility: 'public' }),
    'wikis, text that is in all': wikis({ text: 'wiki' }),
    'wikis, text that is in few': wikis({ text: 'harbor' }),
    'wikis, text that is in one': wikis({ text: '-123456.' }),
    'wikis, text that is in none': wikis({ text: 'no such thing' }),
    'wikis, text of common pieces that is in none': wikis({ text: 'orgwiki' }),
    'wikis, two letters that are in none': wikis({ text: 'qq' }),
    'wikis, two characters of Chinese': wikis({ text: '维基' }),
    'wikis, one letter that is in none': wikis({ text: '~' }),
    'wikis, text, of a member': wikis({ text: 'harbor', ownerId: 1 }),
    'wikis, text, as a member sees them': wikis({ text: 'no such thing', seenBy: 30 }),
    'a place in the quota': () => store.wikis.countOwned(1, 'mediawiki'),
    'wikis to purge': () => store.wikis.purgeable(now),
    'a tombstone': () => store.wikis.tombstone('fedwiki', 'no-such.wiki.example.org'),
    'tasks, all': tasks({}),
    'tasks, all, from the middle': tasks({ before: middle }),
    'tasks, of a member with many': tasks({ userId: 1 }),
    'tasks, of a member with many, from the middle': tasks({ userId: 1, before: middle }),
    'tasks, of a wiki': tasks({ wikiId: 77 }),
    'tasks, of a kind': tasks({ kind: 'create_wiki' }),
    'tasks, failed': tasks({ status: 'failed' }),
    'tasks, failed, from the middle': tasks({ status: 'failed', before: middle }),
    'tasks, running': tasks({ status: 'running' }),
    'tasks, queued': tasks({ status: 'queued' }),
    'tasks, failed, of a kind': tasks({ status: 'failed', kind: 'create_wiki' }),
    'tasks, failed, of a member': tasks({ status: 'failed', userId: 1 }),
    'tasks, running, of a member': tasks({ status: 'running', userId: 1 }),
    'tasks, queued, of a kind': tasks({ status: 'queued', kind: 'purge_wiki' }),
    'tasks, of a kind, of a member': tasks({ kind: 'create_wiki', userId: 30 }),
    'tasks, of a kind that there is none of, of a member': tasks({ kind: 'purge_wiki', userId: 1 }),
    'open tasks': () => store.tasks.openUntouchedSince(now),
    'how many open tasks': () => store.tasks.countOpen(),
    'open tasks of a kind': () => store.tasks.openOfKind('sync_sites'),
    'the latest of a kind': () => store.tasks.latestOfKind('purge_wiki'),
    'rollbacks whose turn it is': () => store.tasks.rollbackIncomplete(now, 60_000),
    'an idempotency key': () => store.tasks.byIdempotencyKey(1, 'key-5'),
    'events of a task': () => store.tasks.eventsAfter(taskId(5), 0),
    hosts: () => store.hosts.list(),
    'a place for a wiki': () => store.transaction((scope) => scope.hosts.place(now)),
    'who waits for which host': () => store.lines.waitingByHost('create'),
    'open alarms': () => store.alarms.open(),
    'open alarms of a code': () => store.alarms.open('host_away'),
    'recent alarms': () => store.alarms.recent(),
    'offers of a member': () => store.transfers.of(1),
    'the latest offer of a wiki': () => store.transfers.latest(77),
    'wikis coming to a member': () => store.transfers.countComing(1, 'fedwiki'),
    'withdrawing offers of a wiki': () => store.transfers.withdraw(77),
    'audit, all': () => store.audit.list({ limit: 51 }),
    'audit, of a member': () => store.audit.list({ limit: 51, userId: 1 }),
    'audit, of an action': () => store.audit.list({ limit: 51, action: 'create_wiki' }),
    'audit, of an action and a member': () =>
      store.audit.list({ limit: 51, userId: 2, action: 'no_such_action' }),
    'users, by text': () => store.users.list({ limit: 51, text: 'no such' }),
    'sync: sites that no row claims': () => store.snapshots.unclaimed(snapshot, ''),
    'sync: rows that are missing': () => store.snapshots.missing(snapshot),
    'sync: rows believed': () => store.snapshots.believed(snapshot),
    'sync: touch': (round) => store.snapshots.touch('list', now + round),
    'sync: serving': () => store.snapshots.adoptServing(snapshot),
    'texts to take up': (round) => store.texts.takeUp(100_000 + round * 50),
    'what is old: one round': () => letGoOfTheOld(store),
  }
}

async function sqliteAt(size: Size): Promise<StoreConfig> {
  const folder = join(tmpdir(), `wikistead-bench-${String(size.tasks)}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kept = { engine: 'sqlite', filename: join(folder, 'filled.sqlite') } as const
  if (existsSync(kept.filename)) return kept
  const making = { engine: 'sqlite', filename: join(folder, 'making.sqlite') } as const
  await rm(making.filename, { force: true })
  await (await openStore(making))[Symbol.asyncDispose]()
  await fillStore(making, size)
  await rename(making.filename, kept.filename)
  return kept
}

async function mariadbAt(socketPath: string, size: Size): Promise<StoreConfig> {
  const database = `wikistead_${String(size.tasks)}`
  const config = { engine: 'mariadb', socketPath, user: 'root', database } as const
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ socketPath, user: 'root' })
  try {
    await connection.query(`create database if not exists ${config.database}`)
  } finally {
    await connection.end()
  }
  await using store = await openStore(config)
  if ((await store.wikis.find(size.wikis)) === undefined) await fillStore(config, size)
  return config
}
