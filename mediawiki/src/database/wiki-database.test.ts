import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { startMariadb } from '@wikistead/test/mariadb'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { startCuttingProxy } from '../../test/cutting-proxy.ts'
import {
  everything,
  nothing,
  openTestDatabases,
  password,
  type TestDatabases,
} from '../../test/test-databases.ts'
import { databaseResidue } from './database-residue.ts'
import { databaseName } from '../names/slug.ts'
import { createWikiDatabase, undoWikiDatabase } from './wiki-database.ts'

let databases: TestDatabases

beforeAll(async () => {
  databases = await openTestDatabases()
})
afterAll(() => databases[Symbol.asyncDispose]())

test("a wiki's user may do everything in its own database and no more", async () => {
  const input = databases.wanted()
  const name = databaseName(input.slug)
  const { sharedDatabase } = databases
  // What the database's name would match, were its underscore not escaped in the grant.
  const alike = name.replace('_', 'x')
  await databases.query(`CREATE DATABASE ${alike}`)
  await createWikiDatabase(input)
  await databases.expectWhole(input)
  const wiki = await databases.as(name, password, name)
  try {
    for (const allowed of [
      ...['CREATE TABLE t (id INT)', 'ALTER TABLE t ADD COLUMN more INT', 'DROP TABLE t'],
      `INSERT INTO ${sharedDatabase}.user (user_name) VALUES ('Ada')`,
      `UPDATE ${sharedDatabase}.user SET user_name = 'Ada L'`,
      `INSERT INTO ${sharedDatabase}.actor (actor_name) VALUES ('Ada')`,
      `UPDATE ${sharedDatabase}.actor SET actor_name = 'Ada L'`,
      `INSERT INTO ${sharedDatabase}.user_properties VALUES (1, 'skin')`,
      `DELETE FROM ${sharedDatabase}.user_properties WHERE up_user = 1`,
    ]) {
      await wiki.query(allowed)
    }
    for (const denied of [
      `DELETE FROM ${sharedDatabase}.user`,
      `DELETE FROM ${sharedDatabase}.actor`,
      `DROP TABLE ${sharedDatabase}.user_properties`,
      `SELECT * FROM ${sharedDatabase}.page`,
      `CREATE TABLE ${alike}.t (id INT)`,
      ...['SELECT * FROM mysql.user', 'CREATE DATABASE another', "CREATE USER another IDENTIFIED BY 'x'"],
      `GRANT SELECT ON ${name}.* TO PUBLIC`,
    ]) {
      await expect(wiki.query(denied), denied).rejects.toMatchObject({ sqlState: '42000' })
    }
  } finally {
    await wiki.end()
  }
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
  expect(await databases.query('SHOW DATABASES LIKE ?', [alike])).toHaveLength(1)
  await databases.query(`DROP DATABASE ${alike}`)
})

test('the comment of the database tells whose it is, and nothing of the password', async () => {
  const input = databases.wanted()
  await createWikiDatabase(input)
  const [row] = await databases.query<{ comment: string }>(
    'SELECT SCHEMA_COMMENT AS comment FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [databaseName(input.slug)],
  )
  expect(row?.comment).toMatch(/^wikistead task=task-1 user=[0-9a-f]{32}$/)
  await undoWikiDatabase(input)
})

test('done again by the same task, nothing changes; with another password, that one is good', async () => {
  const input = databases.wanted()
  const names = [databaseName(input.slug)]
  await createWikiDatabase(input)
  await databases.expectWhole(input)
  const before = await databases.snapshot(names)
  await createWikiDatabase(input)
  expect(await databases.snapshot(names)).toEqual(before)

  const renewed = { ...input, password: 'an0ther-Password' }
  await createWikiDatabase(renewed)
  await databases.expectWhole(renewed)
  await expect(databases.as(databaseName(input.slug), password)).rejects.toMatchObject({ errno: 1045 })
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test('without a hub, the user has rights on its own database only', async () => {
  const input = databases.wanted({ sharedDatabase: undefined })
  await createWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual({ ...everything, tableGrants: 0 })
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test.each(['x', '-x'])('the longest slugs fit, filled up with %j', async (filling) => {
  const slug = `${databases.newSlug()}${filling.repeat(60)}`.slice(0, 62).concat('z')
  const input = databases.wanted({ slug })
  await createWikiDatabase(input)
  await databases.expectWhole(input)
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test('of fifty tasks at once one wins; the losers undo, and the winner is intact', async () => {
  const { slug } = databases.wanted()
  const inputs = Array.from({ length: 50 }, (_, n) =>
    databases.wanted({ slug, task: `task-${String(n)}`, password: `${password}${String(n)}` }),
  )
  const ends = await Promise.all(inputs.map((input) => codeOf(createWikiDatabase(input))))
  expect(ends.filter((end) => end === undefined)).toHaveLength(1)
  expect(ends.filter((end) => end === 'database_foreign')).toHaveLength(49)
  const winner = inputs[ends.indexOf(undefined)] ?? databases.wanted()
  const before = await databases.snapshot([databaseName(slug)])
  await Promise.all(inputs.filter((input) => input !== winner).map((input) => undoWikiDatabase(input)))
  expect(await databases.snapshot([databaseName(slug)])).toEqual(before)
  await databases.expectWhole(winner)
  await undoWikiDatabase(winner)
  expect(await databases.residueOf(winner)).toEqual(nothing)
})

test('attempts of one task at once, some of them undoing, end with all or nothing', async () => {
  const input = databases.wanted()
  await Promise.all(Array.from({ length: 10 }, () => createWikiDatabase(input)))
  await databases.expectWhole(input)
  await Promise.all([
    ...Array.from({ length: 5 }, () => createWikiDatabase(input)),
    ...Array.from({ length: 5 }, () => undoWikiDatabase(input)),
  ])
  expect([nothing, everything]).toContainEqual(await databases.residueOf(input))
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test.each(['user', 'user_properties', 'actor'])(
  'without the shared table %s it is refused, and the undo leaves nothing',
  async (table) => {
    const input = databases.wanted()
    await databases.query(
      `RENAME TABLE ${databases.sharedDatabase}.${table} TO ${databases.sharedDatabase}.gone`,
    )
    try {
      expect(await codeOf(createWikiDatabase(input))).toBe('shared_tables_missing')
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input)).toEqual(nothing)
    } finally {
      await databases.query(
        `RENAME TABLE ${databases.sharedDatabase}.gone TO ${databases.sharedDatabase}.${table}`,
      )
    }
  },
)

test('a hub that is not there is refused too', async () => {
  const input = databases.wanted({ sharedDatabase: 'no_such_hub' })
  expect(await codeOf(createWikiDatabase(input))).toBe('shared_tables_missing')
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test('an open page does not keep a database from being removed', async () => {
  const input = databases.wanted()
  const name = databaseName(input.slug)
  await createWikiDatabase(input)
  const page = await databases.as(name, password, name)
  page.on('error', () => undefined)
  await page.query('CREATE TABLE page (id INT) ENGINE=InnoDB')
  await page.query('START TRANSACTION')
  await page.query('SELECT * FROM page')
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
  page.destroy()
})

const passwordCheck = '/usr/lib/mysql/plugin/simple_password_check.so'

test.runIf(existsSync(passwordCheck))(
  'a server that insists on judging passwords itself takes ours, and the user is known to be ours',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-strict-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await using strict = await startMariadb(join(folder, 'server'))
    const server = { socketPath: strict.socketPath, user: 'root' }
    const admin = await createConnection(server)
    await admin.query("INSTALL SONAME 'simple_password_check'")
    await admin.end()
    const input = databases.wanted({ server, sharedDatabase: undefined })
    await createWikiDatabase(input)
    await createWikiDatabase(input)
    await undoWikiDatabase(input)
    expect(await databaseResidue(server, input.slug)).toEqual(nothing)
  },
)

describe('errors', () => {
  const told = (error: unknown) => JSON.stringify([String(error), error, Object.getOwnPropertyNames(error)])

  test('a server that is away is a fault', async () => {
    const server = { socketPath: '/nonexistent/mariadb.sock', user: 'root', password: 'adm1n-Secret' }
    const error: unknown = await createWikiDatabase(databases.wanted({ server })).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ final: false, name: 'ProvisioningFault' })
    expect(told(error)).not.toContain('adm1n-Secret')
  })

  test("an administrator's wrong password, or too few rights, is refused by name of the setting", async () => {
    const user = databaseName(databases.newSlug())
    await databases.query(
      `CREATE USER ${user} IDENTIFIED BY 'adm1n-Secret'; GRANT SELECT, CREATE ON *.* TO ${user}`,
    )
    try {
      const server = { socketPath: databases.socketPath, user, password: 'adm1n-Secret' }
      const input = databases.wanted()
      for (const each of [server, { ...server, password: 'wr0ng-Secret' }]) {
        const error: unknown = await createWikiDatabase({ ...input, server: each }).catch(
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(Refusal)
        expect(error).toMatchObject({ code: 'database_rights_missing' })
        expect(told(error)).toContain('WIKI_DB_ADMIN_USER')
        expect(told(error)).not.toMatch(/Secret|pass_word|IDENTIFIED|CREATE|GRANT/)
      }
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input)).toEqual(nothing)
    } finally {
      await databases.query(`DROP USER ${user}`)
    }
  })

  test('no error that any statement may end with tells a password, its hash or SQL', async () => {
    const input = databases.wanted()
    const name = databaseName(input.slug)
    for (let statement = 1; ; statement += 1) {
      await using proxy = await startCuttingProxy(databases.socketPath, { statement, when: 'before' })
      const server = { host: '127.0.0.1', port: proxy.port, user: 'root' }
      const error: unknown = await createWikiDatabase({ ...input, server }).catch((reason: unknown) => reason)
      if (error === undefined) break
      expect(told(error)).not.toMatch(/pass_word|\*[0-9A-F]{40}|IDENTIFIED|SELECT|GRANT|CREATE/)
      expect(error).not.toHaveProperty('sql')
      expect((error as Error).cause).toBeUndefined()
    }
    await undoWikiDatabase(input)
    expect(await databases.residueOf(input)).toEqual(nothing)
    expect(name).not.toBe('')
  })
})

test('cancelled or out of time, it ends at once although the server does not answer', async () => {
  const reason = new Error('cancelled')
  await expect(createWikiDatabase(databases.wanted({ signal: AbortSignal.abort(reason) }))).rejects.toBe(
    reason,
  )
  const input = databases.wanted()
  const name = databaseName(input.slug)
  await createWikiDatabase(input)
  const page = await databases.as('root', '', name)
  try {
    // What stands in the way of DROP DATABASE is not the wiki's own user, so it is not ended.
    await page.query('CREATE TABLE page (id INT) ENGINE=InnoDB')
    await page.query('START TRANSACTION')
    await page.query('SELECT * FROM page')
    await expect(undoWikiDatabase({ ...input, deadlineMs: 300 })).rejects.toMatchObject({
      reason: 'deadline',
    })
    const stop = new AbortController()
    const undoing = undoWikiDatabase({ ...input, signal: stop.signal })
    stop.abort(reason)
    await expect(undoing).rejects.toBe(reason)
  } finally {
    await page.end()
  }
  await undoWikiDatabase(input)
  expect(await databases.residueOf(input)).toEqual(nothing)
})
