import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestDatabases, type TestDatabases } from '../../test/test-databases.ts'
import { checkDatabaseServer } from './check-database-server.ts'
import { databaseName } from '../names/slug.ts'
import { createWikiDatabase, undoWikiDatabase } from './wiki-database.ts'

let databases: TestDatabases
const administrator = `admin_${randomBytes(4).toString('hex')}`
const password = 'of-this-administrator'

beforeAll(async () => {
  databases = await openTestDatabases()
  await databases.query(`CREATE USER ${administrator} IDENTIFIED BY '${password}'`)
})
afterAll(async () => {
  await databases.query(`DROP USER ${administrator}`)
  await databases[Symbol.asyncDispose]()
})

const server = () => ({ socketPath: databases.socketPath, user: administrator, password })

/** Takes away what it had, and gives it these. */
async function grant(rights: string, more = 'WITH GRANT OPTION'): Promise<void> {
  await databases.query(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${administrator}`)
  await databases.query(`GRANT ${rights} ON *.* TO ${administrator} ${more}`)
}

test('root lacks nothing', async () => {
  const { version, ...rest } = await checkDatabaseServer(databases.server)
  expect(version).toMatch(/^\d+\.\d+/)
  expect(rest).toEqual({ isMariadb: true, missingRights: [], missingTables: [], wide: [], anonymous: [] })
})

test('exactly the rights that it asks for are enough to make and remove a wiki of a hub', async () => {
  await grant('USAGE', '')
  const { missingRights: all } = await checkDatabaseServer(server())
  expect(all).toEqual(expect.arrayContaining(['CREATE', 'DROP', 'CREATE USER', 'RELOAD', 'GRANT OPTION']))
  expect(all).not.toContain('SUPER')
  const rights = all.filter((right) => right !== 'GRANT OPTION')
  await grant(rights.join(', '), 'WITH GRANT OPTION MAX_USER_CONNECTIONS 20')
  const { sharedDatabase } = databases
  expect(await checkDatabaseServer(server(), { sharedDatabase })).toMatchObject({
    ...{ missingRights: [], missingTables: [] },
  })
  const wanted = databases.wanted({ server: server() })
  await createWikiDatabase(wanted)
  await databases.expectWhole(wanted)
  // Who is at work on a table is in the way, until the connection is ended.
  const name = databaseName(wanted.slug)
  const page = await databases.as(name, wanted.password, name)
  page.on('error', () => undefined)
  await page.query('START TRANSACTION')
  await page.query('SELECT * FROM page')
  await undoWikiDatabase(wanted)
  page.destroy()
  expect(await databases.residueOf(wanted)).toMatchObject({ databases: 0, users: 0 })

  for (const right of rights) {
    await grant(rights.filter((other) => other !== right).join(', '))
    expect((await checkDatabaseServer(server())).missingRights).toEqual([right])
  }
  await grant('ALL PRIVILEGES', '')
  expect((await checkDatabaseServer(server())).missingRights).toEqual(['GRANT OPTION'])
  await grant('ALL PRIVILEGES')
  expect((await checkDatabaseServer(server())).missingRights).toEqual([])
})

test('rights that a role gives count, those on one database do not', async () => {
  await grant('USAGE', '')
  await databases.query(`GRANT ALL PRIVILEGES ON one.* TO ${administrator} WITH GRANT OPTION`)
  expect((await checkDatabaseServer(server())).missingRights).toContain('CREATE')
  const role = `${administrator}_role`
  await databases.query(`CREATE ROLE ${role}; GRANT ALL PRIVILEGES ON *.* TO ${role} WITH GRANT OPTION`)
  try {
    await databases.query(`GRANT ${role} TO ${administrator}; SET DEFAULT ROLE ${role} FOR ${administrator}`)
    expect((await checkDatabaseServer(server())).missingRights).toEqual([])
  } finally {
    await databases.query(`DROP ROLE ${role}`)
  }
})

test('a hub without its tables, a wrong password and a server that is away are told apart', async () => {
  await grant('ALL PRIVILEGES')
  const { missingTables } = await checkDatabaseServer(server(), { sharedDatabase: 'no_such_hub' })
  expect(missingTables).toEqual(['user', 'user_properties', 'actor'])
  await expect(checkDatabaseServer({ ...server(), password: 'another' })).rejects.toMatchObject({
    code: 'database_rights_missing',
  })
  await expect(checkDatabaseServer({ host: '127.0.0.1', port: 9, user: 'root' })).rejects.toThrow(
    'could not be reached',
  )
})
