/** Over a real MariaDB that has every default otherwise. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { otherDefaults } from '@wikistead/test/other-defaults'
import { startMariadb } from '@wikistead/test/mariadb'
import { Kysely, sql } from 'kysely'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type StoreConfig } from '../index.ts'
import { mariadbDialect } from './mariadb-dialect.ts'

const started = new AsyncDisposableStack()
let socketPath: string
let root: Connection

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-defaults-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const server = started.use(await startMariadb(folder, undefined, otherDefaults))
  socketPath = server.socketPath
  root = await createConnection({ socketPath, user: 'root' })
  started.defer(() => root.end())
})
afterAll(() => started.disposeAsync())

async function database(name: string): Promise<StoreConfig & { readonly engine: 'mariadb' }> {
  await root.query(`CREATE DATABASE ${name}`)
  // What the server says to each connection it says to superusers not.
  await root.query(`GRANT ALL ON ${name}.* TO farm@localhost IDENTIFIED BY ''`)
  return { engine: 'mariadb', socketPath, user: 'farm', database: name, connections: 2 }
}

test('an empty store is made, and every table is of the engine, row format and character set that we mean', async () => {
  const place = await database('empty')
  await using _store = await openStore(place)
  const [tables] = await root.query<RowDataPacket[]>(
    "SELECT DISTINCT ENGINE AS engine, ROW_FORMAT AS format, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'empty'",
  )
  expect(tables).toEqual([{ engine: 'InnoDB', format: 'Dynamic', collation: 'utf8mb4_bin' }])
})

test('names of every script come back as they were written, and nothing is cut off in silence', async () => {
  await using store = await openStore(await database('names'))
  for (const name of ['🦉 Eulen', '馬鹿', 'مرحبا', 'Ada\'s \\ "quoted"', 'blank ', '']) {
    const { user_id: id } = await store.users.ensure({
      name,
      role: 'member',
      issuer: 'test',
      subject: `s ${name}`,
    })
    expect((await store.users.get(id))?.name).toBe(name)
  }
  await expect(
    store.users.ensure({ name: 'x'.repeat(300), role: 'member', issuer: 'test', subject: 'long' }),
  ).rejects.toMatchObject({ errno: 1406 })
})

test('what an unfinished start of an earlier release left in an old row format is widened', async () => {
  const place = await database('half')
  await root.query(
    'CREATE TABLE half.wikifarm_settings (name varchar(191) character set ascii collate ascii_bin not null primary key, value mediumtext not null) ENGINE=InnoDB ROW_FORMAT=COMPACT DEFAULT CHARSET=utf8mb4',
  )
  await using store = await openStore(place)
  await store.settings.set('kept', '🦉')
  expect(await store.settings.get('kept')).toBe('🦉')
  const [rows] = await root.query<RowDataPacket[]>(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'half' AND ROW_FORMAT <> 'Dynamic'",
  )
  expect(rows).toEqual([])
})

test('a connection has nothing of the server’s defaults', async () => {
  await using db = new Kysely<unknown>({ dialect: mariadbDialect(await database('session')) })
  const { rows } = await sql`select @@character_set_client as client, @@character_set_results as results,
    @@collation_connection as collation, @@sql_mode as mode, @@time_zone as zone, @@tx_isolation as isolation,
    @@tx_read_only as reading, @@autocommit as autocommit, @@default_storage_engine as engine,
    @@completion_type as completion, @@sql_safe_updates as safe, @@sql_select_limit as rows_at_most`.execute(
    db,
  )
  expect(rows).toEqual([
    {
      ...{
        client: 'utf8mb4',
        results: 'utf8mb4',
        collation: 'utf8mb4_bin',
        zone: '+00:00',
        engine: 'InnoDB',
      },
      ...{ mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', isolation: 'READ-COMMITTED', reading: 0 },
      ...{ autocommit: 1, completion: 'NO_CHAIN', safe: 0, rows_at_most: 4_294_967_295 },
    },
  ])
})
