/**
 * Brings a database's tables up to date. On SQLite one transaction is all of it; on MariaDB, where a change of tables is
 * in none, each migration's steps are gone through again until the last of them was made and its name is recorded.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { isContention } from '../database/store-errors.ts'
import { formerLock, makeRecord, migrationLock } from './migration-record.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import type { Step, StoreMigration } from './step.ts'

/** A later release has changed the tables into what this one cannot work with. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew'
  /** The first release that can. */
  readonly needs: string

  constructor(migration: string, needs: string) {
    super(
      `The store was changed by a later release (${migration}), and this one cannot work with it. Use release ${needs} or a later one, or a copy of the store from before.`,
    )
    this.needs = needs
  }
}

/** @throws StoreTooNew before anything was changed */
export async function migrate(
  db: Kysely<unknown>,
  engine: StoreEngine,
  known: readonly StoreMigration[],
): Promise<void> {
  // Mostly there is nothing to do: then nobody waits for anybody, and no right to change tables is needed.
  if ((await missingMigrations(db, engine, known)).length === 0) return
  const migrateAlone = engine === 'sqlite' ? inOneTransaction : whileLocked
  await migrateAlone(db, async (alone) => {
    if (engine === 'sqlite') await makeRecord(alone, engine)
    for (const migration of await missingMigrations(alone, engine, known)) {
      // Before the first change: an older release that starts when this was cut off must know it, too.
      if (migration.needs !== undefined) await tellNeeds(alone, migration.name, migration.needs)
      for (const step of migration.steps) await make(alone, step)
      await sql`insert into wikifarm_migrations (name, timestamp) values (${migration.name}, ${new Date().toISOString()})`.execute(
        alone,
      )
    }
  })
}

/**
 * Those that the database lacks, in their order. What it has beside them came from a later release: that only adds to the
 * tables, unless it said otherwise. @throws StoreTooNew
 */
export async function missingMigrations(
  db: Kysely<unknown>,
  engine: StoreEngine,
  known: readonly StoreMigration[],
): Promise<StoreMigration[]> {
  const tables = await tablesOf(db, engine)
  if (tables.has('wikifarm_settings')) await requireKnown(db, known)
  if (!tables.has('wikifarm_migrations')) return [...known]
  const { rows } = await sql<{ readonly name: string }>`select name from wikifarm_migrations`.execute(db)
  const made = new Set(rows.map(({ name }) => name))
  return known.filter(({ name }) => !made.has(name))
}

const needsPrefix = 'schema_needs/'

async function requireKnown(db: Kysely<unknown>, known: readonly StoreMigration[]): Promise<void> {
  const { rows } = await sql<{
    readonly name: string
    readonly value: string
  }>`select name, value from wikifarm_settings where name like ${`${needsPrefix}%`} order by name desc`.execute(
    db,
  )
  // The last of them: who can live with that can live with all.
  for (const { name, value } of rows) {
    const migration = name.slice(needsPrefix.length)
    if (!known.some((each) => each.name === migration)) throw new StoreTooNew(migration, value)
  }
}

async function tellNeeds(db: Kysely<unknown>, migration: string, needs: string): Promise<void> {
  const name = `${needsPrefix}${migration}`
  await sql`delete from wikifarm_settings where name = ${name}`.execute(db)
  await sql`insert into wikifarm_settings (name, value) values (${name}, ${needs})`.execute(db)
}

async function make(db: Kysely<unknown>, { sql: statement, adds }: Step): Promise<void> {
  if (adds !== undefined) {
    const { rows } =
      await sql`select 1 from pragma_table_info(${adds.table}) where name = ${adds.column}`.execute(db)
    if (rows.length > 0) return
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sql.raw(statement).execute(db)
      return
    } catch (error) {
      if (!isContention(error) || attempt === mostAttempts) throw error
      await sleep(1_000)
    }
  }
}

/** A change waits for transactions that have the table, and all others wait behind it: so it steps back each second. */
const mostAttempts = 600

async function tablesOf(db: Kysely<unknown>, engine: StoreEngine): Promise<Set<string>> {
  const asked =
    engine === 'sqlite'
      ? sql<{
          readonly name: string
        }>`select name from sqlite_master where type = 'table' and name in ('wikifarm_settings', 'wikifarm_migrations')`
      : sql<{
          readonly name: string
        }>`select table_name as name from information_schema.tables where table_schema = database() and table_name in ('wikifarm_settings', 'wikifarm_migrations')`
  return new Set((await asked.execute(db)).rows.map(({ name }) => name))
}

/** Tables of a release that took the server's own row format have too short keys where that is an old one. */
async function widenRows(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{
    readonly name: string
  }>`select table_name as name from information_schema.tables where table_schema = database() and table_name like 'wikifarm\\_%' and row_format in ('Compact', 'Redundant')`.execute(
    db,
  )
  for (const { name } of rows) await make(db, { sql: `alter table \`${name}\` row_format=dynamic` })
}

type Alone = (db: Kysely<unknown>, act: (alone: Kysely<unknown>) => Promise<void>) => Promise<void>

const inOneTransaction: Alone = async (db, act) => db.transaction().execute(act)

/** The server lets go of a lock whose connection ended. */
const whileLocked: Alone = async (db, act) =>
  db.connection().execute(async (alone) => {
    const lock = await migrationLock(alone)
    const { rows } = await sql<{ readonly got: number }>`select get_lock(${lock}, 3600) as got`.execute(alone)
    if (rows[0]?.got !== 1) throw new Error('Another process has been changing the tables for an hour.')
    try {
      // Any user of the server can hold this one: who has it is given a moment, and no more.
      await sql`do get_lock(${formerLock}, 5)`.execute(alone)
      await sql`set session lock_wait_timeout = 1`.execute(alone)
      await widenRows(alone)
      await act(alone)
    } finally {
      for (const name of [formerLock, lock]) {
        await sql`do release_lock(${name})`.execute(alone).catch(() => undefined)
      }
    }
  })
