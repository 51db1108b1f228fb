/** What a stranger made is refused and stays as it is, also by the undo. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { nothing, openTestDatabases, type TestDatabases } from '../../test/test-databases.ts'
import { databaseName } from '../names/slug.ts'
import { createWikiDatabase, undoWikiDatabase } from './wiki-database.ts'

let databases: TestDatabases

beforeAll(async () => {
  databases = await openTestDatabases()
})
afterAll(() => databases[Symbol.asyncDispose]())

const strangers: readonly (readonly [
  what: string,
  make: (name: string) => string,
  unmake: (name: string) => string,
])[] = [
  ['an empty database', (name) => `CREATE DATABASE ${name}`, (name) => `DROP DATABASE ${name}`],
  [
    'a database with a comment of its own',
    (name) =>
      `CREATE DATABASE ${name} COMMENT 'wikistead task=task-1; or so'; CREATE TABLE ${name}.t (id INT)`,
    (name) => `DROP DATABASE ${name}`,
  ],
  [
    "another task's database and user",
    (name) =>
      `CREATE DATABASE ${name} COMMENT 'wikistead task=task-2'; CREATE USER ${name} IDENTIFIED BY 'x'; GRANT ALL ON ${name}.* TO ${name}`,
    (name) => `DROP DATABASE ${name}; DROP USER ${name}`,
  ],
  ['a user', (name) => `CREATE USER ${name} IDENTIFIED BY 'x'`, (name) => `DROP USER ${name}`],
  [
    'a user at one host',
    (name) => `CREATE USER ${name}@localhost IDENTIFIED BY 'x'`,
    (name) => `DROP USER ${name}@localhost`,
  ],
  ['a role', (name) => `CREATE ROLE ${name}`, (name) => `DROP ROLE ${name}`],
]

test.each(strangers)('%s', async (_, make, unmake) => {
  const input = databases.wanted()
  const name = databaseName(input.slug)
  await databases.query(make(name))
  try {
    const before = await databases.snapshot([name])
    expect(await codeOf(createWikiDatabase(input))).toBe('database_foreign')
    await undoWikiDatabase(input)
    expect(await databases.snapshot([name])).toEqual(before)
  } finally {
    await databases.query(unmake(name))
  }
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test('a user who came between our database and our user: the database goes, the user stays', async () => {
  const input = databases.wanted()
  const name = databaseName(input.slug)
  await databases.query(
    `CREATE DATABASE ${name} COMMENT 'wikistead task=task-1'; CREATE USER ${name} IDENTIFIED BY 'x'`,
  )
  const users = await databases.query('SELECT * FROM mysql.global_priv WHERE User = ?', [name])
  expect(await codeOf(createWikiDatabase(input))).toBe('database_foreign')
  await undoWikiDatabase(input)
  expect(await databases.query('SELECT * FROM mysql.global_priv WHERE User = ?', [name])).toEqual(users)
  expect(await databases.residueOf(input)).toEqual({ ...nothing, users: 1 })
  await databases.query(`DROP USER ${name}`)
})

test("another's user beside ours: only ours goes", async () => {
  const input = databases.wanted()
  const name = databaseName(input.slug)
  await createWikiDatabase(input)
  await databases.query(`CREATE USER ${name}@localhost IDENTIFIED BY 'x'`)
  expect(await codeOf(createWikiDatabase(input))).toBe('database_foreign')
  await undoWikiDatabase(input)
  expect(await databases.query('SELECT Host FROM mysql.user WHERE User = ?', [name])).toEqual([
    { Host: 'localhost' },
  ])
  await databases.query(`DROP USER ${name}@localhost`)
  expect(await databases.residueOf(input)).toEqual(nothing)
})

test.each([
  ...['mysql', 'sys', 'performance-schema', 'information-schema', 'root'].map((slug) => [
    slug,
    'name_reserved',
  ]),
  ...[
    'performance_schema',
    '-a',
    'a-',
    'x'.repeat(64),
    'xn--ada',
    'Mysql',
    'MYSQL',
    "a'b",
    'a`b',
    '%',
    '',
  ].map((slug) => [slug, 'invalid_slug']),
] as [string, string][])('the slug %j is refused, and nothing is touched', async (slug, code) => {
  const names = ['mysql', 'sys', 'performance_schema', 'information_schema', 'root', databases.sharedDatabase]
  const before = await databases.snapshot(names)
  expect(await codeOf(createWikiDatabase(databases.wanted({ slug })))).toBe(code)
  // A slug of a system schema may even carry our own ledger line: there is nothing of ours there to remove.
  if (code === 'name_reserved') await undoWikiDatabase(databases.wanted({ slug }))
  expect(await databases.snapshot(names)).toEqual(before)
})

test("the shared database's own name, and reserved ones, are refused and untouched", async () => {
  const { sharedDatabase } = databases
  const slug = sharedDatabase.replace('_', '-')
  const before = await databases.snapshot([sharedDatabase])
  expect(await codeOf(createWikiDatabase(databases.wanted({ slug })))).toBe('name_reserved')
  expect(await codeOf(createWikiDatabase(databases.wanted({ slug, sharedDatabase: undefined })))).toBe(
    'database_foreign',
  )
  expect(
    await codeOf(
      createWikiDatabase(databases.wanted({ slug: 'wiki-store', reservedDatabases: ['WIKI_store'] })),
    ),
  ).toBe('name_reserved')
  await undoWikiDatabase(databases.wanted({ slug }))
  expect(await databases.snapshot([sharedDatabase])).toEqual(before)
})

test('a name that the server lets everybody into is refused', async () => {
  const input = databases.wanted()
  const pattern = `${databaseName(input.slug).slice(0, 9)}%`
  await databases.query("INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('nowhere', ?, '', 'Y')", [
    pattern,
  ])
  try {
    expect(await codeOf(createWikiDatabase(input))).toBe('name_reserved')
    expect(await databases.residueOf(input)).toEqual(nothing)
  } finally {
    await databases.query('DELETE FROM mysql.db WHERE Db = ?', [pattern])
  }
})
