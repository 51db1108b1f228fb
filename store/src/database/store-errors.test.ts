/** Each number of the table, provoked on a real MariaDB of this test's own and on SQLite. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMariadb } from '@wikistead/test/mariadb'
import { Kysely, sql } from 'kysely'
import { createConnection, type Connection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mariadbDialect } from './mariadb-dialect.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { isContention, isDuplicate, isStoreAway, isStoreFault, mariadbErrors } from './store-errors.ts'

const started = new AsyncDisposableStack()
const rooms: { folder: string; server: Awaited<ReturnType<typeof startMariadb>> }[] = []
let root: Connection

const options = ['--max-user-connections=4', '--innodb-snapshot-isolation=on']

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-errors-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const server = started.use(await startMariadb(folder, undefined, options))
  rooms.push({ folder, server })
  root = await createConnection({ socketPath: server.socketPath, user: 'root' })
  // It is ended with its server.
  root.on('error', () => undefined)
  started.defer(async () => root.end().catch(() => undefined))
  await root.query('CREATE DATABASE store')
  for (const user of ['member', 'limited']) {
    await root.query(`CREATE USER ${user}`)
    await root.query(`GRANT ALL ON store.* TO ${user}`)
  }
  await root.query('USE store')
  await root.query('CREATE TABLE t (id BIGINT PRIMARY KEY, v BIGINT, long_text MEDIUMTEXT) ENGINE=InnoDB')
  await root.query('INSERT INTO t (id, v) VALUES (1, 0), (2, 0)')
})
afterAll(() => started.disposeAsync())

const socketPath = (): string => rooms[0]?.server.socketPath ?? ''
const open = ({ user = 'member', connections = 1, answerMs = 20_000 } = {}) =>
  new Kysely<unknown>({
    dialect: mariadbDialect({ socketPath: socketPath(), user, database: 'store', connections, answerMs }),
  })
const ask = (db: Kysely<unknown>, statement: string) => sql.raw(statement).execute(db)
const write = (id: number) => `update t set v = v + 1 where id = ${String(id)}`

const faultOf = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'no fault',
    (error: unknown) => error,
  )

/** What the second of two transactions hears, while the first holds row 1. */
async function whileHeld(act: (db: Kysely<unknown>) => Promise<unknown>): Promise<unknown> {
  await using holder = open()
  await using other = open({ answerMs: 200 })
  return await holder.transaction().execute(async (trx) => {
    await ask(trx, write(1))
    return await faultOf(act(other))
  })
}

/** What a statement hears that runs when `stop` gets the number of its connection. */
async function whileRunning(stop: (connection: number) => Promise<unknown>): Promise<unknown> {
  await using db = open()
  return await db.connection().execute(async (alone) => {
    const { rows } = await sql<{ readonly id: number }>`select connection_id() as id`.execute(alone)
    const id = Number(rows[0]?.id)
    const fault = faultOf(ask(alone, 'select sleep(60) from t for update'))
    for (;;) {
      const [found] = await root.query(
        `SELECT 1 FROM information_schema.processlist WHERE id = ${String(id)} AND state = 'User sleep'`,
      )
      if ((found as unknown[]).length > 0) break
    }
    await stop(id)
    return fault
  })
}

async function withConnections(count: number, user: string, act: () => Promise<unknown>): Promise<unknown> {
  await using held = new AsyncDisposableStack()
  for (let n = 0; n < count; n += 1) {
    const connection = await createConnection({ socketPath: socketPath(), user })
    held.defer(() => connection.end())
  }
  return await act()
}

const provoked: readonly (readonly [number, string, () => Promise<unknown>])[] = [
  [
    1062,
    'a key that is there',
    async () => {
      await using db = open()
      return await faultOf(ask(db, 'insert into t (id) values (1)'))
    },
  ],
  [
    1213,
    'a deadlock',
    async () => {
      await using one = open()
      await using other = open()
      const crossing = (db: Kysely<unknown>, first: number, meet: () => Promise<void>) =>
        db.transaction().execute(async (trx) => {
          await ask(trx, write(first))
          await meet()
          await ask(trx, write(3 - first))
        })
      let arrived = 0
      const both = Promise.withResolvers<undefined>()
      const meet = async (): Promise<void> => {
        if ((arrived += 1) === 2) both.resolve(undefined)
        await both.promise
      }
      const [a, b] = await Promise.all([crossing(one, 1, meet), crossing(other, 2, meet)].map(faultOf))
      return a === 'no fault' ? b : a
    },
  ],
  [
    1205,
    'a lock that is waited for too long',
    () =>
      whileHeld(async (db) => {
        await db.connection().execute(async (alone) => {
          await ask(alone, 'set session innodb_lock_wait_timeout = 0')
          await ask(alone, write(1))
        })
      }),
  ],
  [1969, 'a statement that takes too long', () => whileHeld((db) => ask(db, write(1)))],
  [
    1020,
    'a record that has changed since the snapshot',
    async () => {
      await using db = open()
      return await db.connection().execute(async (alone) => {
        await ask(alone, 'set session transaction isolation level repeatable read')
        await ask(alone, 'start transaction with consistent snapshot')
        await ask(alone, 'select * from t')
        await root.query(write(2))
        const fault = await faultOf(ask(alone, 'select * from t for update'))
        await ask(alone, 'rollback').catch(() => undefined)
        return fault
      })
    },
  ],
  [
    1317,
    'a statement that somebody stopped',
    () => whileRunning((id) => root.query(`KILL QUERY ${String(id)}`)),
  ],
  [
    1792,
    'a transaction that may only read',
    async () => {
      await using db = open()
      return await db.connection().execute(async (alone) => {
        await ask(alone, 'set session transaction read only')
        return await faultOf(ask(alone, write(1)))
      })
    },
  ],
  [
    1290,
    'a server that only reads',
    async () => {
      await using db = open()
      await root.query('SET GLOBAL read_only = 1')
      try {
        return await faultOf(ask(db, write(1)))
      } finally {
        await root.query('SET GLOBAL read_only = 0')
      }
    },
  ],
  [
    1203,
    'a user that has all connections of its own',
    () =>
      withConnections(4, 'member', async () => {
        await using db = open()
        return await faultOf(ask(db, 'select 1'))
      }),
  ],
  [
    1226,
    'a user that has asked as often as it may',
    async () => {
      await root.query('ALTER USER limited WITH MAX_USER_CONNECTIONS 1')
      return await withConnections(1, 'limited', async () => {
        await using db = open({ user: 'limited' })
        return await faultOf(ask(db, 'select 1'))
      })
    },
  ],
  [
    1040,
    'a server whose connections are all taken',
    async () => {
      await root.query('SET GLOBAL max_connections = 10')
      await using held = new AsyncDisposableStack()
      try {
        for (let n = 0; n < 10; n += 1) {
          const user = `crowd${String(n % 4)}`
          await root.query(`CREATE USER IF NOT EXISTS ${user}`)
          const connection = await createConnection({ socketPath: socketPath(), user }).catch(() => undefined)
          if (connection !== undefined) held.defer(() => connection.end())
        }
        await using db = open()
        return await faultOf(ask(db, 'select 1'))
      } finally {
        await root.query('SET GLOBAL max_connections = 500')
      }
    },
  ],
  [
    1114,
    'a table that has no room',
    async () => {
      await using db = open()
      return await db.connection().execute(async (alone) => {
        await ask(alone, 'set session max_heap_table_size = 16384')
        await ask(alone, 'create table small (v bigint) engine = memory')
        return await faultOf(ask(alone, 'insert into small select seq from seq_1_to_100000'))
      })
    },
  ],
]

/** The server mostly closes the connection instead, or waits for room, or is of a kind that is not here: so it is told to say them. */
const signalled: typeof provoked = [1053, 1927, 1021, 1026, 1836, 1036, 1047, 1180, 1135, 1037, 1041].map(
  (number) => [
    number,
    'said when asked to',
    async () => {
      await using db = open()
      return await faultOf(ask(db, `signal sqlstate 'HY000' set mysql_errno = ${String(number)}`))
    },
  ],
)

test.each([...provoked, ...signalled])('MariaDB’s %i: %s', async (number, _what, provoke) => {
  const error = await provoke()
  expect(error).toMatchObject({ errno: number })
  expect(isStoreFault(error)).toBe(true)
  const meaning = mariadbErrors.get(number)
  expect([isDuplicate(error), isContention(error)]).toEqual([
    meaning === 'duplicate',
    meaning === 'contention',
  ])
  expect(isStoreAway(error)).toBe(meaning !== 'duplicate')
})

test('every number of the table was said by the server', () => {
  const numbers = [...provoked, ...signalled].map(([number]) => number)
  expect(numbers.sort()).toEqual([...mariadbErrors.keys()].sort())
})

test.each([
  ['a connection that somebody ended', (id: number) => root.query(`KILL CONNECTION ${String(id)}`)],
  ['a server that stops', () => root.query('SHUTDOWN').catch(() => undefined)],
] as const)('MariaDB closes the connection without a number: %s', async (_what, end) => {
  const error = await whileRunning(end)
  expect(error).toMatchObject({ fatal: true })
  expect([isDuplicate(error), isContention(error), isStoreAway(error)]).toEqual([false, false, true])
})

test('SQLite: a key that is there, a lock, a file that is full, one that may only be read, one that is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-errors-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const filename = join(folder, 'store.db')
  const openFile = (name = filename) =>
    opened.use(new Kysely<unknown>({ dialect: nodeSqliteDialect({ filename: name, busyTimeoutMs: 0 }) }))
  const [db, other] = [openFile(), openFile()]
  await ask(db, 'create table t (id integer primary key, v text unique)')
  await ask(db, "insert into t values (1, 'a')")
  for (const twice of ["insert into t values (1, 'b')", "insert into t values (2, 'a')"]) {
    const error = await faultOf(ask(db, twice))
    expect([isDuplicate(error), isContention(error), isStoreAway(error)]).toEqual([true, false, false])
  }
  await db.transaction().execute(async () => {
    const error = await faultOf(ask(other, 'update t set v = 1'))
    expect([isDuplicate(error), isContention(error), isStoreAway(error)]).toEqual([false, true, true])
  })
  const away = async (asked: Promise<unknown>) => {
    const error = await faultOf(asked)
    expect([isDuplicate(error), isContention(error), isStoreAway(error)]).toEqual([false, false, true])
  }
  await ask(db, 'pragma max_page_count = 1')
  await away(ask(db, `insert into t values (3, '${'x'.repeat(100_000)}')`))
  await ask(other, 'pragma query_only = on')
  await away(ask(other, 'update t set v = 1'))
  await away(ask(openFile(join(folder, 'nowhere', 'store.db')), 'select 1'))
  const mistake = await faultOf(ask(db, 'select nothing'))
  expect([isStoreFault(mistake), isStoreAway(mistake)]).toEqual([true, false])
})
