/** A wiki's database user who stays in the administrator's way: nothing of theirs keeps a database for long. */
import { createHash, createHmac } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nothing, type TestDatabases } from '../../test/test-databases.ts'
import { startWikiUsers, type WikiUsers } from '../../test/wiki-users.ts'
import { undoWikiDatabase } from './wiki-database.ts'

let users: WikiUsers
let databases: TestDatabases

beforeAll(async () => {
  users = await startWikiUsers()
  ;({ databases } = users)
})
afterAll(() => users[Symbol.asyncDispose]())

test('by locks that every user may take: their names are known to nobody', async () => {
  const { wiki, user } = await users.make()
  const own = await users.connect(user)
  // As they would be by what a wiki's name tells, and without the administrator's password.
  for (const number of [0, 1, 2, 3, 4]) {
    const plain = createHash('sha256').update(user).digest('hex').slice(0, 32)
    const keyless = createHmac('sha256', '')
      .update(`${user}\0${String(number)}`)
      .digest('hex')
      .slice(0, 32)
    for (const name of [`wikistead.${plain}.${String(number)}`, `wikistead.${keyless}`]) {
      await own.query('SELECT GET_LOCK(?, 0)', [name])
    }
  }
  await undoWikiDatabase(wiki)
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('by a transaction on its tables, a backup’s lock and a statement without end', async () => {
  const { wiki, user } = await users.make()
  await users.giveOldRights(user)
  const [reading, locking, sleeping] = await Promise.all([
    users.connect(user),
    users.connect(user),
    users.connect(user),
  ])
  await reading.query('CREATE TABLE page (id INT) ENGINE=InnoDB')
  await locking.query('CREATE TABLE t (id INT) ENGINE=InnoDB')
  await reading.query('START TRANSACTION')
  await reading.query('SELECT * FROM page')
  await locking.query('LOCK TABLES t WRITE')
  const endless = sleeping.query('CREATE TABLE s AS SELECT SLEEP(100000)').catch(() => 'ended')
  await expect
    .poll(() =>
      databases.query(
        `SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = '${user}' AND INFO LIKE '%SLEEP%' AND STATE = 'User sleep'`,
      ),
    )
    .toHaveLength(1)
  await undoWikiDatabase(wiki)
  expect(await endless).toBe('ended')
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('by a connection that outlived its user, whom an attempt that was killed took away', async () => {
  const { wiki, user } = await users.make()
  const own = await users.connect(user)
  await own.query('CREATE TABLE page (id INT) ENGINE=InnoDB')
  await own.query('START TRANSACTION')
  await own.query('SELECT * FROM page')
  await databases.query(`DROP USER ${user}`)
  await undoWikiDatabase(wiki)
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('by another comment and another password: what the store knows of goes all the same', async () => {
  const { wiki, user } = await users.make()
  const own = await users.connect(user)
  await own.query("SET PASSWORD = PASSWORD('mine-now')")
  await own.query(`ALTER DATABASE ${user} COMMENT 'wikistead task=another'`)
  await undoWikiDatabase(wiki)
  expect(await databases.residueOf(wiki)).toMatchObject({ databases: 1, users: 1 })
  await undoWikiDatabase({ ...wiki, isKnown: () => Promise.resolve(true) })
  expect(await databases.residueOf(wiki)).toEqual(nothing)
  await expect(
    createConnection({ socketPath: databases.socketPath, user, password: 'mine-now' }),
  ).rejects.toThrow()
  // Once more, when it has gone.
  await undoWikiDatabase({ ...wiki, isKnown: () => Promise.resolve(true) })
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('by a foreign key to the hub’s accounts', async () => {
  const { wiki: hub, user: hubUser } = await users.make({ sharedDatabase: undefined })
  for (const table of ['user', 'user_properties', 'actor']) {
    await databases.query(`CREATE TABLE ${hubUser}.${table} (id INT PRIMARY KEY) ENGINE=InnoDB`)
  }
  const { wiki: child, user } = await users.make({ sharedDatabase: hubUser })
  const own = await users.connect(user)
  await own.query(
    `CREATE TABLE holding (id INT, FOREIGN KEY (id) REFERENCES ${hubUser}.user (id)) ENGINE=InnoDB`,
  )
  await undoWikiDatabase(hub)
  expect(await databases.residueOf(hub)).toMatchObject({ databases: 0, users: 0 })
  await undoWikiDatabase(child)
  expect(await databases.residueOf(child)).toEqual(nothing)
})
