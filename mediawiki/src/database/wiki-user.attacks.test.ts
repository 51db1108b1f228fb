/** A wiki's database user who lays traps for the administrator, with the rights of today and with those of before. */
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomeOf, prepareAttack } from '../../test/database-attack.ts'
import { startPausingProxy } from '../../test/pausing-proxy.ts'
import { nothing, type TestDatabases } from '../../test/test-databases.ts'
import { startWikiUsers, type WikiUsers } from '../../test/wiki-users.ts'
import { checkDatabaseServer } from './check-database-server.ts'
import { cloneDatabase } from './clone-database.ts'
import { narrowRights } from './narrow-rights.ts'
import { createWikiDatabase, undoWikiDatabase, type NewWikiDatabase } from './wiki-database.ts'

let users: WikiUsers
let databases: TestDatabases
let server: WikiUsers['server']
let source: string

beforeAll(async () => {
  users = await startWikiUsers()
  ;({ databases, server } = users)
  source = `${databases.sharedDatabase}_source`
  await databases.query(`CREATE DATABASE ${source}; USE ${source};
    CREATE TABLE page (page_id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO page VALUES (1);
    CREATE TABLE updatelog (ul_key VARBINARY(255) PRIMARY KEY, ul_value BLOB) ENGINE=InnoDB;
    INSERT INTO updatelog VALUES ('x', 'y')`)
})
afterAll(() => users[Symbol.asyncDispose]())

/** What only the wiki's own user may ever have run into. */
async function expectNothingGained(user: string): Promise<void> {
  await databases.query('FLUSH PRIVILEGES')
  const { seen, global } = await outcomeOf((statement) => databases.query(statement), user)
  expect(seen.filter((who) => who !== `${user}@%`)).toEqual([])
  expect(global).toEqual([])
}

const rights = [
  ['the rights of today', false],
  ['the rights of an earlier release', true],
] as const

describe.each(rights)('with %s', (_, isOld) => {
  async function trapped(changes?: Partial<NewWikiDatabase>) {
    const { wiki, user } = await users.make(changes)
    if (isOld) await users.giveOldRights(user)
    const own = await users.connect(user)
    const went = await prepareAttack(own, user)
    expect(went.some((statement) => /VIEW|FUNCTION|TRIGGER|EVENT/.test(statement))).toBe(isOld)
    return { wiki, user, own }
  }

  test('a trap in its tables catches no work of the administrator', async () => {
    const { wiki, user, own } = await trapped()
    for (const table of ['updatelog', 'user', 'page']) {
      await own.query(`CREATE TABLE ${table} (id INT)`)
    }
    await prepareAttack(own, user)
    await createWikiDatabase(wiki)
    await expectNothingGained(user)
    await cloneDatabase({ ...wiki, source }).catch(() => undefined)
    await expectNothingGained(user)
    await databases.residueOf(wiki)
    await checkDatabaseServer(server)
    await narrowRights(server, wiki.slug)
    await expectNothingGained(user)
    await undoWikiDatabase(wiki)
    expect(await databases.residueOf(wiki)).toEqual(nothing)
  })

  test('a trap that is laid while its tables are copied catches its own user only', async () => {
    const { wiki, user } = await users.make()
    if (isOld) await users.giveOldRights(user)
    const own = await users.connect(user)
    await using proxy = await startPausingProxy(databases.socketPath, 'INSERT INTO', () =>
      prepareAttack(own, user),
    )
    const { user: admin, password: of } = server
    const through = { host: '127.0.0.1', port: proxy.port, user: admin, password: of }
    await cloneDatabase({ ...wiki, source, server: through }).catch(() => undefined)
    expect(proxy.hasPaused).toBe(true)
    await expectNothingGained(user)
    await undoWikiDatabase(wiki)
    expect(await databases.residueOf(wiki)).toEqual(nothing)
  })

  test('a hub lays them in the accounts that others are let into', async () => {
    const {
      wiki: hub,
      user,
      own,
    } = await users.make({ sharedDatabase: undefined }).then(async (made) => {
      if (isOld) await users.giveOldRights(made.user)
      return { ...made, own: await users.connect(made.user) }
    })
    for (const table of ['user', 'user_properties', 'actor'])
      await own.query(`CREATE TABLE ${table} (id INT)`)
    await prepareAttack(own, user)
    const { wiki: child, user: childUser } = await users.make({ sharedDatabase: user })
    await checkDatabaseServer(server, { sharedDatabase: user })
    await expectNothingGained(user)
    expect(await databases.residueOf(child)).toMatchObject({ users: 1, tableGrants: 3 })
    await undoWikiDatabase(child)
    await undoWikiDatabase(hub)
    await expectNothingGained(childUser)
    expect(await databases.residueOf(hub)).toEqual(nothing)
  })
})

test('the trap is a good one: it catches an administrator who reads a table', async () => {
  const { wiki, user } = await users.make()
  await users.giveOldRights(user)
  const own = await users.connect(user)
  await own.query('CREATE TABLE page (id INT)')
  await own.query('INSERT INTO page VALUES (1)')
  await prepareAttack(own, user)
  const administrators = await createConnection(server)
  await administrators.query(`SELECT * FROM ${user}.page`)
  await administrators.end()
  const { seen, global } = await outcomeOf((statement) => databases.query(statement), user)
  expect(seen).toEqual([`${server.user}@%`])
  expect(global).toHaveLength(1)
  await undoWikiDatabase(wiki)
})

test('the source of a clone with a trap in it catches the new wiki’s user only', async () => {
  const { wiki: first, user } = await users.make()
  await users.giveOldRights(user)
  const own = await users.connect(user)
  await own.query('CREATE TABLE page (page_id INT PRIMARY KEY)')
  await own.query('INSERT INTO page VALUES (1)')
  await prepareAttack(own, user)
  const { wiki, user: newUser } = await users.make()
  await cloneDatabase({ ...wiki, source: user }).catch(() => undefined)
  await expectNothingGained(user)
  await expectNothingGained(newUser)
  for (const each of [wiki, first]) await undoWikiDatabase(each)
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('narrowed, an earlier wiki’s user has the rights of a new one, and its open connections end', async () => {
  const [{ wiki, user }, { wiki: fresh, user: freshUser }] = [await users.make(), await users.make()]
  await users.giveOldRights(user, 'WITH GRANT OPTION')
  const own = await users.connect(user)
  await own.query('CREATE TABLE page (id INT)')
  await prepareAttack(own, user)
  expect((await checkDatabaseServer(server)).wide).toContain(user)

  const narrowed = await narrowRights(server, wiki.slug)
  expect(narrowed?.rights).toEqual(
    expect.arrayContaining(['CREATE VIEW', 'TRIGGER', 'EVENT', 'GRANT OPTION']),
  )
  expect(narrowed?.leftBehind).toEqual(
    expect.arrayContaining(['view page', 'function rise', 'event rise_again', 'trigger rise_page_INSERT']),
  )
  const grantsOf = async (name: string) =>
    (await databases.query<Record<string, string>>(`SHOW GRANTS FOR ${name}`))
      .map((row) =>
        (Object.values(row)[0] ?? '').replaceAll(name.replaceAll('_', '\\_'), 'OWN').replaceAll(name, 'OWN'),
      )
      .sort()
  expect(await grantsOf(user)).toEqual(await grantsOf(freshUser))
  await expect(own.query('SELECT 1')).rejects.toThrow()
  const again = await users.connect(user)
  expect(
    (await prepareAttack(again, user)).filter((each) => /VIEW|FUNCTION|TRIGGER|EVENT/.test(each)),
  ).toEqual([])
  expect(await narrowRights(server, wiki.slug)).toBe(undefined)
  expect((await checkDatabaseServer(server)).wide).not.toContain(user)
  await expectNothingGained(user)
  for (const each of [wiki, fresh]) await undoWikiDatabase(each)
})

test('a wiki’s user may leave nothing that others would run, and reach no other database', async () => {
  const [{ wiki, user }, { wiki: other, user: otherUser }] = [await users.make(), await users.make()]
  const own = await users.connect(user)
  await own.query('CREATE TABLE t (id INT)')
  for (const denied of [
    'CREATE VIEW v AS SELECT 1',
    'CREATE FUNCTION f() RETURNS INT RETURN 1',
    'CREATE PROCEDURE p() SELECT 1',
    'CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @x = 1',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
    'LOCK TABLES t WRITE',
    "SELECT 'x' INTO OUTFILE '/tmp/x'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
    `CREATE TABLE ${otherUser}.t (id INT)`,
    `CREATE TABLE mine (id INT, FOREIGN KEY (id) REFERENCES ${databases.sharedDatabase}.page (page_id)) ENGINE=InnoDB`,
    `GRANT SELECT ON ${user}.* TO ${otherUser}`,
    `GRANT SELECT ON ${user}.t TO ${otherUser}`,
    `ALTER DATABASE ${otherUser} COMMENT 'mine'`,
    'CREATE ROLE mine',
    `SET ROLE ${server.user}`,
  ]) {
    await expect(own.query(denied), denied).rejects.toMatchObject({
      sqlState: expect.stringMatching(/42000|28000|OP000/) as string,
    })
  }
  for (const each of [wiki, other]) await undoWikiDatabase(each)
})
