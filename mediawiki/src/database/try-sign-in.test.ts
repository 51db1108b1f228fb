import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMariadb } from '@wikistead/test/mariadb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nothing, openTestDatabases, type TestDatabases } from '../../test/test-databases.ts'
import { checkDatabaseServer } from './check-database-server.ts'
import { createWikiDatabase, undoWikiDatabase } from './wiki-database.ts'

/** Others would fail by what these tests do to a server. */
const started = new AsyncDisposableStack()
let databases: TestDatabases
let port: number

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-anonymous-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const mariadb = started.use(await startMariadb(join(folder, 'mariadb')))
  port = mariadb.port
  databases = started.use(await openTestDatabases(mariadb.socketPath))
})
afterAll(() => started.disposeAsync())

test('an anonymous account of this machine: refused with what mends it, undone, and made once it is gone', async () => {
  const wiki = databases.wanted()
  await databases.query("CREATE USER ''@localhost")
  const { anonymous } = await checkDatabaseServer(databases.server)
  expect(anonymous).toEqual(["''@'localhost'"])
  await expect(createWikiDatabase(wiki)).rejects.toMatchObject({
    code: 'database_user_shadowed',
    message: expect.stringContaining("DROP USER ''@'localhost'") as string,
  })
  await undoWikiDatabase(wiki)
  expect(await databases.residueOf(wiki)).toEqual(nothing)

  await databases.query(`DROP USER ${anonymous.join(', ')}`)
  await createWikiDatabase(wiki)
  await databases.expectWhole(wiki)
  await undoWikiDatabase(wiki)
})

test('one that takes any password is not taken for the wiki’s user either', async () => {
  const wiki = databases.wanted()
  await databases.query("INSTALL SONAME 'auth_socket'").catch(() => undefined)
  await databases.query("CREATE USER ''@localhost IDENTIFIED VIA unix_socket")
  await expect(createWikiDatabase(wiki)).rejects.toMatchObject({ code: 'database_user_shadowed' })
  await undoWikiDatabase(wiki)
  await databases.query("DROP USER ''@localhost")
})

test('an anonymous account for everywhere, or for elsewhere, goes before nobody', async () => {
  const wiki = databases.wanted()
  await databases.query("CREATE USER ''@'%'; CREATE USER ''@'elsewhere.example'")
  expect((await checkDatabaseServer(databases.server)).anonymous).toEqual([])
  await createWikiDatabase(wiki)
  await databases.expectWhole(wiki)
  await undoWikiDatabase(wiki)
  await databases.query("DROP USER ''@'%', ''@'elsewhere.example'")
})

test('by TCP from this machine as well', async () => {
  await databases.query("CREATE USER ''@'127.0.0.1', ''@localhost")
  const server = { host: '127.0.0.1', port, user: 'overseer', password: 'of the overseer' }
  await databases.query(
    "CREATE USER overseer@localhost IDENTIFIED BY 'of the overseer'; CREATE USER overseer@'127.0.0.1' IDENTIFIED BY 'of the overseer'; GRANT ALL ON *.* TO overseer@localhost, overseer@'127.0.0.1' WITH GRANT OPTION",
  )
  const wiki = databases.wanted({ server })
  expect((await checkDatabaseServer(server)).anonymous).toHaveLength(1)
  await expect(createWikiDatabase(wiki)).rejects.toMatchObject({ code: 'database_user_shadowed' })
  await undoWikiDatabase(wiki)
  await databases.query("DROP USER ''@'127.0.0.1', ''@localhost")
})
