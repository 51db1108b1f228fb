/** What a test needs of the server of the wikis: an administrator, a hub's account tables, names of its own. */
import type {} from '@wikistead/test/provided'
import { randomBytes } from 'node:crypto'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { expect, inject } from 'vitest'
import { databaseResidue } from '../src/database/database-residue.ts'
import type { DatabaseServer } from '../src/database/database-server.ts'
import { databaseName } from '../src/names/slug.ts'
import type { NewWikiDatabase } from '../src/database/wiki-database.ts'

export const password = 'Y0ur-own-pass_word-of-192-bits-aA1'

/** What is left of a wiki that is gone, and of one that is whole. */
export const nothing = { databases: 0, users: 0, databaseGrants: 0, tableGrants: 0, otherGrants: 0 }
export const everything = { databases: 1, users: 1, databaseGrants: 1, tableGrants: 3, otherGrants: 0 }

export interface TestDatabases extends AsyncDisposable {
  readonly server: DatabaseServer
  readonly socketPath: string
  /** A database with the hub's tables, one of them not for children. */
  readonly sharedDatabase: string
  /** A slug nobody else uses, with a hyphen in it. */
  newSlug(): string
  query<Row = Record<string, unknown>>(statement: string, values?: readonly unknown[]): Promise<Row[]>
  /** A connection as a wiki's user. */
  as(user: string, password: string, database?: string): Promise<Connection>
  /** All that these databases and users of whatever name are, to the row. */
  snapshot(names: readonly string[]): Promise<unknown>
  /** A child of the hub, its slug nobody else's. */
  wanted(changes?: Partial<NewWikiDatabase>): NewWikiDatabase
  residueOf(wiki: Pick<NewWikiDatabase, 'slug'>): ReturnType<typeof databaseResidue>
  /** Nothing is missing, and the wiki's user can do what it must. */
  expectWhole(wiki: NewWikiDatabase): Promise<void>
}

/** On the server of all tests, unless another is named: what others would see of it is theirs to fail by. */
export async function openTestDatabases(
  socketPath: string = inject('mariadb').socketPath,
): Promise<TestDatabases> {
  const admin = await createConnection({ socketPath, user: 'root', multipleStatements: true })
  const mark = randomBytes(4).toString('hex')
  const sharedDatabase = `hub_${mark}`
  const query = async <Row>(statement: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const [rows] = await admin.query<(Row & RowDataPacket)[]>(statement, [...values])
    return rows
  }
  await query(`CREATE DATABASE ${sharedDatabase}; USE ${sharedDatabase};
    CREATE TABLE user (user_id INT PRIMARY KEY AUTO_INCREMENT, user_name VARBINARY(255)) ENGINE=InnoDB;
    CREATE TABLE user_properties (up_user INT, up_property VARBINARY(255)) ENGINE=InnoDB;
    CREATE TABLE actor (actor_id INT PRIMARY KEY AUTO_INCREMENT, actor_name VARBINARY(255)) ENGINE=InnoDB;
    CREATE TABLE page (page_id INT PRIMARY KEY) ENGINE=InnoDB`)
  let slugs = 0
  const newSlug = () => `w${mark}-${String((slugs += 1))}`
  const server = { socketPath, user: 'root' }
  const databases: TestDatabases = {
    ...{ server, socketPath, sharedDatabase, newSlug, query },
    wanted: (changes) => ({ server, slug: newSlug(), task: 'task-1', password, sharedDatabase, ...changes }),
    residueOf: ({ slug }) => databaseResidue(server, slug),
    async expectWhole(wiki) {
      expect(await databases.residueOf(wiki)).toEqual(everything)
      const name = databaseName(wiki.slug)
      const connection = await databases.as(name, wiki.password, name)
      try {
        await connection.query('CREATE TABLE IF NOT EXISTS page (id INT)')
        await connection.query(`SELECT * FROM ${sharedDatabase}.user`)
      } finally {
        await connection.end()
      }
    },
    as: (user, password, database) =>
      createConnection({ socketPath, user, password, ...(database !== undefined && { database }) }),
    async snapshot(names) {
      const grants = ['db', 'tables_priv', 'columns_priv', 'procs_priv']
      return Promise.all([
        query('SELECT * FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?)', [names]),
        query(
          'SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?)',
          [names.filter((name) => !name.endsWith('_schema'))],
        ),
        query('SELECT Host, User, Priv FROM mysql.global_priv WHERE User IN (?)', [names]),
        ...grants.map((table) =>
          query(`SELECT * FROM mysql.${table} WHERE User IN (?) OR Db IN (?)`, [names, names]),
        ),
      ])
    },
    async [Symbol.asyncDispose]() {
      await admin.query(`DROP DATABASE ${sharedDatabase}`)
      await admin.end()
    },
  }
  return databases
}
