/**
 * The quick way to a new wiki's tables: those of a fresh wiki of the same language are copied, several at once. Such a
 * wiki's rows hold neither its name nor its address. The database must be claimed by this task, and must not have had
 * tables before: nothing that people wrote is ever copied over. The wiki's own user does the copying, and may read the
 * fresh wiki's tables meanwhile: by then its database is within reach of whoever knows that user's password.
 */
import { Refusal } from '@wikistead/contracts'
import { escapeId } from 'mysql2'
import { readClaim, writeClaim, type DatabaseClaim } from './database-claim.ts'
import { withDatabaseServer, type AdminConnection, type WikiConnection } from './database-server.ts'
import { account } from './database-user.ts'
import { databaseName } from '../names/slug.ts'
import type { WikiDatabase } from './wiki-database.ts'
import { allOf } from './wiki-rights.ts'

export interface DatabaseClone extends WikiDatabase {
  /** The one in the wiki's pubwiki.ini. */
  readonly password: string
  /** The fresh wiki's database. */
  readonly source: string
}

/**
 * Done again by the same task, it begins anew unless it had ended.
 * @throws Refusal `template_missing` without such a source, `database_foreign` when the database is not this task's or
 * has tables from elsewhere
 */
export async function cloneDatabase(wanted: DatabaseClone): Promise<'made' | 'kept'> {
  const { server, slug, source, task, password } = wanted
  const database = databaseName(slug)
  return withDatabaseServer(server, database, wanted, async (admin, connect) => {
    const claim = await readClaim(admin, database)
    if (typeof claim === 'string' || claim.task !== task) {
      throw new Refusal('database_foreign', `The database ${database} is not one that this task made.`)
    }
    if (claim.clone === 'done') return 'kept'
    const tables = await tablesOf(admin, source)
    if (tables.length === 0) {
      throw new Refusal('template_missing', 'There is no database of a fresh wiki to copy, or it is empty.')
    }
    const login = { user: database, password }
    // All of them first: an earlier attempt's may still be making a table.
    const team = await Promise.all(numbers.map((number) => connect(number, login)))
    const [first] = team
    if (first === undefined) throw new Error('nobody copies')
    await begin(admin, first, database, claim)
    await admin.run(`GRANT SELECT ON ${allOf(source)} TO ${account(database)}`)
    await copyTables(team, { tables, filled: await filledOf(first, source, tables), source, database })
    await admin.run(`REVOKE SELECT ON ${allOf(source)} FROM ${account(database)}`)
    await writeClaim(admin, database, { ...claim, clone: 'done' })
    return 'made'
  })
}

/** Caches and jobs are of the wiki they were made in. */
const emptyTables: ReadonlySet<string> = new Set(['objectcache', 'job'])
/** Of the connections that copy. */
const numbers = [1, 2, 3, 4]

/** Only what an attempt of ours has begun is swept away. */
async function begin(
  admin: AdminConnection,
  wiki: WikiConnection,
  database: string,
  claim: DatabaseClaim,
): Promise<void> {
  const there = await tablesOf(admin, database)
  if (claim.clone === undefined) {
    if (there.length > 0) {
      throw new Refusal('database_foreign', `The database ${database} has tables already.`)
    }
    await writeClaim(admin, database, { ...claim, clone: 'begun' })
  }
  if (there.length > 0) {
    await wiki.run(`DROP TABLE ${there.map((table) => nameOf(database, table)).join(', ')}`)
  }
}

interface TableCopies {
  readonly tables: readonly string[]
  readonly filled: ReadonlySet<string>
  readonly source: string
  readonly database: string
}

async function copyTables(
  team: readonly WikiConnection[],
  { tables, filled, source, database }: TableCopies,
): Promise<void> {
  const waiting = [...tables]
  const copyNext = async (connection: WikiConnection): Promise<void> => {
    const mine: string[] = []
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      await connection.run(`CREATE TABLE ${nameOf(database, table)} LIKE ${nameOf(source, table)}`)
      if (filled.has(table)) mine.push(table)
    }
    // One commit for all rows of a connection: each is a wait for the disk.
    await connection.run('START TRANSACTION')
    for (const table of mine) {
      await connection.run(`INSERT INTO ${nameOf(database, table)} SELECT * FROM ${nameOf(source, table)}`)
    }
    await connection.run('COMMIT')
  }
  await Promise.all(team.map(copyNext))
}

async function tablesOf(admin: AdminConnection, database: string): Promise<string[]> {
  const rows = await admin.rows<{ name: string }>(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'",
    [database],
  )
  return rows.map(({ name }) => name)
}

/** Those that have a row; the server's own counts are estimates. */
async function filledOf(
  wiki: WikiConnection,
  source: string,
  tables: readonly string[],
): Promise<Set<string>> {
  const wanted = tables.filter((table) => !emptyTables.has(table))
  const questions = wanted.map(
    (table, index) => `EXISTS(SELECT 1 FROM ${nameOf(source, table)}) AS t${String(index)}`,
  )
  const [row] = await wiki.rows<Record<string, number>>(`SELECT ${questions.join(', ')}`)
  return new Set(wanted.filter((_, index) => row?.[`t${String(index)}`] === 1))
}

function nameOf(database: string, table: string): string {
  return `${escapeId(database, true)}.${escapeId(table, true)}`
}
