/** Over a real MariaDB: connections that die, processes that come at once, releases that meet each other's tables. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { emptyDatabase, tablesOf } from '@wikistead/test/empty-database'
import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { mariadbDialect, type MariadbOptions } from '../database/mariadb-dialect.ts'
import { nodeSqliteDialect } from '../database/node-sqlite-dialect.ts'
import { openStore, pendingMigrations } from '../store.ts'
import { StoreTooNew, migrate, missingMigrations } from './migrate.ts'
import { migrations } from './migrations.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import { Steps, type StoreMigration } from './step.ts'

const known = migrations('mariadb')

/** The server ends its connection after the first statement that is not in `asked`, which it is then added to. */
async function cutAfterTheNext(
  killer: Connection,
  config: MariadbOptions,
  asked: Set<string>,
): Promise<boolean> {
  // What it asks before it has the lock it may ask again over another connection.
  let isAlone = false
  let isCut = false
  await using db = new Kysely<unknown>({
    dialect: mariadbDialect({ ...config, connections: 1 }),
    async log({ query }) {
      isAlone ||= query.sql.includes('get_lock')
      const statement = `${query.sql} ${String(query.parameters[0])}`
      if (!isAlone || isCut || asked.has(statement)) return
      isCut = true
      asked.add(statement)
      const [rows] = await killer.query<RowDataPacket[]>(
        'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> connection_id()',
        [config.database],
      )
      for (const row of rows) await killer.query(`KILL ${String(row['id'])}`)
    },
  })
  await migrate(db, 'mariadb', known).catch(() => undefined)
  return isCut
}

test('a migration that is cut after any statement goes on at the next start', async () => {
  await using whole = await emptyDatabase()
  await using cut = await emptyDatabase()
  await (await openStore(whole.config))[Symbol.asyncDispose]()
  const asked = new Set<string>()
  let cuts = 0
  // One further with each start, and never stuck.
  while (await cutAfterTheNext(cut.sql, cut.config, asked)) expect(asked.size).toBe((cuts += 1))
  const steps = known.flatMap((migration) => migration.steps)
  expect(asked.size).toBeGreaterThan(steps.length)
  for (const step of steps) expect([...asked].some((each) => each.startsWith(step.sql))).toBe(true)
  expect(await pendingMigrations(cut.config)).toEqual([])
  expect(await tablesOf(cut.sql)).toEqual(await tablesOf(whole.sql))
  // Each statement is a start of its own, which takes long on a machine with others at work.
})

test('on SQLite a migration is made whole or not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-migrate-'))
  await using started = new AsyncDisposableStack()
  started.defer(() => rm(folder, { recursive: true }))
  const db = started.use(new Kysely<unknown>({ dialect: nodeSqliteDialect({ filename: join(folder, 's') }) }))
  const steps = new Steps('sqlite')
  const broken = [
    ...migrations('sqlite'),
    { name: '9999_broken', steps: [steps.table('t', { a: 'text' }), { sql: 'no SQL at all' }] },
  ]
  await expect(migrate(db, 'sqlite', broken)).rejects.toThrow('syntax error')
  expect((await sql`select name from sqlite_master`.execute(db)).rows).toEqual([])
  await migrate(db, 'sqlite', migrations('sqlite'))
  expect(await missingMigrations(db, 'sqlite', migrations('sqlite'))).toEqual([])
})

/** A process that opens the store as soon as it is told to. */
function opener(config: object) {
  const program = `
    import { openStore } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
    process.stdout.write('ready')
    process.stdin.once('data', async () => {
      const store = await openStore(${JSON.stringify(config)})
      await store.ping()
      await store[Symbol.asyncDispose]()
      process.exit(0)
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return {
    ready: once(child.stdout, 'data'),
    go: () => child.stdin.write('go'),
    ended: once(child, 'exit').then(([code]) => code as number),
  }
}

test('processes that open one empty store at the same moment all find it whole', async () => {
  await using made = await emptyDatabase()
  await using whole = await emptyDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-migrate-'))
  await using started = new AsyncDisposableStack()
  started.defer(() => rm(folder, { recursive: true }))
  await (await openStore(whole.config))[Symbol.asyncDispose]()
  const sqlite = { engine: 'sqlite', filename: join(folder, 'store.db') } as const
  const openers = [made.config, made.config, sqlite, sqlite].map(opener)
  await Promise.all(openers.map(({ ready }) => ready))
  for (const { go } of openers) go()
  expect(await Promise.all(openers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
  expect(await pendingMigrations(sqlite)).toEqual([])
  expect(await pendingMigrations(made.config)).toEqual([])
  expect(await tablesOf(made.sql)).toEqual(await tablesOf(whole.sql))
})

test('a user of the server who has nothing in the store keeps nobody from it by a lock', async () => {
  await using database = await emptyDatabase()
  const tenant = `tenant_${randomBytes(4).toString('hex')}`
  const { socketPath } = database.config
  await database.sql.query(`CREATE USER ${tenant} IDENTIFIED BY 'of-the-tenant'`)
  await using started = new AsyncDisposableStack()
  started.defer(async () => void (await database.sql.query(`DROP USER ${tenant}`)))
  const own = await createConnection({ socketPath, user: tenant, password: 'of-the-tenant' })
  started.defer(() => own.end())
  // As earlier releases lock, and as the store's tables would let them guess.
  const names = [
    'ea586330-2c93-47c8-908d-981d9d270f9d',
    'wikifarm_migrations_lock',
    'migration_lock',
    'wikistead.',
  ]
  for (const name of names) await own.query('SELECT GET_LOCK(?, 0)', [name])
  await expect(
    own.query(`SELECT * FROM ${database.config.database}.wikifarm_migrations_lock`),
  ).rejects.toThrow()
  await (await openStore(database.config))[Symbol.asyncDispose]()
  expect(await pendingMigrations(database.config)).toEqual([])
  const [rows] = await database.sql.query<RowDataPacket[]>('SELECT id FROM wikifarm_migrations_lock')
  const made = rows.map(({ id }) => String(id))
  expect(made).toHaveLength(2)
  expect(made.some((name) => /^wikistead\.[0-9a-f]{32}$/.test(name))).toBe(true)
})

test('a change of tables steps back while a transaction has the table, and lets others by', async () => {
  await using database = await emptyDatabase()
  const { config } = database
  await using store = await openStore(config)
  const steps = new Steps('mariadb')
  const later = [
    ...known,
    { name: '9999_later', steps: [steps.column('wikifarm_settings', 'later', 'bigint')] },
  ]
  await using db = new Kysely<unknown>({ dialect: mariadbDialect({ ...config, connections: 1 }) })
  let migrated: Promise<void> | undefined
  await store.transaction(async ({ settings }) => {
    await settings.set('held', 'still')
    migrated = migrate(db, 'mariadb', later)
    await waitsForTable(database.sql)
    // Behind the one that waits this would wait for it, and it for us.
    expect(await store.settings.get('held')).toBeUndefined()
  })
  await migrated
  expect((await tablesOf(database.sql))['wikifarm_settings']).toContain('`later` bigint')
})

async function waitsForTable(asker: Connection): Promise<void> {
  for (;;) {
    const [rows] = await asker.query<RowDataPacket[]>(
      "SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'",
    )
    if (rows.length > 0) return
  }
}

test('tables that are full are changed while others write', () => {
  for (const { sql: statement } of known.flatMap(({ steps }) => steps)) {
    if (/^create (unique )?index/.test(statement)) expect(statement).toMatch(/algorithm=nocopy lock=none$/)
    if (statement.startsWith('alter')) expect(statement).toMatch(/algorithm=instant, lock=none$/)
  }
})

test.each(['sqlite', 'mariadb'] satisfies StoreEngine[])(
  'on %s a later release that only adds is lived with, another is refused in words',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { config } = fresh
    const ours = migrations(engine)
    const steps = new Steps(engine)
    const { number } = steps.types
    const adding: StoreMigration = {
      name: '9998_adding',
      steps: [steps.table('wikifarm_later', { a: number }), steps.column('wikifarm_users', 'later', number)],
    }
    const breaking: StoreMigration = {
      name: '9999_breaking',
      needs: '7.0.0',
      steps: [steps.column('wikifarm_users', 'latest', number)],
    }
    await using db = new Kysely<unknown>({
      dialect: config.engine === 'sqlite' ? nodeSqliteDialect(config) : mariadbDialect(config),
    })
    await migrate(db, engine, [...ours, adding])
    {
      await using store = await openStore(config)
      const user = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
      expect(await store.transaction(({ users }) => users.ensure(user))).toMatchObject({ name: 'Ada' })
    }
    // Also when it was cut off before its first change.
    await expect(
      migrate(db, engine, [...ours, adding, { ...breaking, steps: [{ sql: 'no SQL at all' }] }]),
    ).rejects.toThrow()
    if (engine === 'mariadb') await expect(openStore(config)).rejects.toBeInstanceOf(StoreTooNew)

    await migrate(db, engine, [...ours, adding, breaking])
    await expect(openStore(config)).rejects.toMatchObject({
      name: 'StoreTooNew',
      needs: '7.0.0',
      message: expect.stringContaining('Use release 7.0.0 or a later one') as string,
    })
    await expect(pendingMigrations(config)).rejects.toBeInstanceOf(StoreTooNew)
    await migrate(db, engine, [...ours, adding, breaking])
    expect(await missingMigrations(db, engine, [...ours, adding, breaking])).toEqual([])
  },
)
