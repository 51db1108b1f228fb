import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { startCuttingProxy } from '../../test/cutting-proxy.ts'
import { openTestDatabases, password, type TestDatabases } from '../../test/test-databases.ts'
import { cloneDatabase, type DatabaseClone } from './clone-database.ts'
import { databaseName } from '../names/slug.ts'
import { createWikiDatabase, undoWikiDatabase } from './wiki-database.ts'

let databases: TestDatabases
let source: string
let input: DatabaseClone

beforeAll(async () => {
  databases = await openTestDatabases()
  source = `${databases.sharedDatabase}_fresh`
  const fillers = Array.from(
    { length: 4 },
    (_, n) => `CREATE TABLE empty_${String(n)} (id INT PRIMARY KEY) ENGINE=InnoDB`,
  )
  // What MediaWiki's tables have: binary text, counters, rows with 0, full-text and other indexes.
  await databases.query(`CREATE DATABASE ${source}; USE ${source};
    CREATE TABLE page (page_id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, page_title VARBINARY(255), page_random DOUBLE,
      page_touched BINARY(14), UNIQUE INDEX title (page_title)) ENGINE=InnoDB DEFAULT CHARSET=binary;
    INSERT INTO page VALUES (1, 'Main_Page', 0.25, '20260101000000'), (7, X'E9FF00', 0.5, '20260101000000');
    CREATE TABLE counted (id INT PRIMARY KEY AUTO_INCREMENT, name VARBINARY(20)) ENGINE=InnoDB;
    SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; INSERT INTO counted VALUES (0, 'zero'), (5, 'five');
    CREATE TABLE searchindex (si_page INT, si_text MEDIUMTEXT, FULLTEXT (si_text)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO searchindex VALUES (1, 'main page');
    CREATE TABLE objectcache (keyname VARBINARY(255) PRIMARY KEY, value MEDIUMBLOB) ENGINE=InnoDB;
    INSERT INTO objectcache VALUES ('fresh:secret', 'x');
    CREATE TABLE job (job_id INT PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB; INSERT INTO job VALUES (1);
    ${fillers.join('; ')}`)
})
afterAll(async () => {
  await databases.query(`DROP DATABASE ${source}`)
  await databases[Symbol.asyncDispose]()
})
beforeEach(() => {
  input = { server: databases.server, slug: databases.newSlug(), task: 'task-1', source, password }
})

/** Every table's definition and rows. */
async function contentOf(database: string): Promise<Record<string, unknown>> {
  const tables = await databases.query<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1',
    [database],
  )
  const content: Record<string, unknown> = {}
  for (const { name } of tables) {
    const [made] = await databases.query<Record<string, string>>(`SHOW CREATE TABLE ${database}.${name}`)
    // Where the next row's number begins is not kept.
    const definition = made?.['Create Table']?.replace(/ AUTO_INCREMENT=\d+/, '')
    content[name] = {
      definition,
      rows: await databases.query(`SELECT * FROM ${database}.${name} ORDER BY 1`),
    }
  }
  return content
}

async function expectCloned(): Promise<void> {
  const [fresh, clone] = [await contentOf(source), await contentOf(databaseName(input.slug))]
  for (const skipped of ['objectcache', 'job']) {
    expect(fresh[skipped]).toMatchObject({ rows: [{}] })
    fresh[skipped] = { ...(fresh[skipped] as object), rows: [] }
  }
  expect(clone).toEqual(fresh)
  expect(Object.keys(clone)).toHaveLength(9)
}

const create = () => createWikiDatabase(input)

test('a clone has the same tables and rows, but for caches and jobs, and the source is as it was', async () => {
  const before = await contentOf(source)
  await create()
  expect(await cloneDatabase(input)).toBe('made')
  await expectCloned()
  expect(await contentOf(source)).toEqual(before)
  const wiki = await databases.as(databaseName(input.slug), password, databaseName(input.slug))
  await wiki.query("INSERT INTO page (page_title) VALUES ('New')")
  await wiki.end()
  await undoWikiDatabase(input)
})

test('done again, it is kept with what people have written since', async () => {
  await create()
  await cloneDatabase(input)
  const name = databaseName(input.slug)
  await databases.query(`DELETE FROM ${name}.page; INSERT INTO ${name}.page (page_title) VALUES ('Written')`)
  expect(await cloneDatabase(input)).toBe('kept')
  expect(await databases.query(`SELECT page_title FROM ${name}.page`)).toEqual([
    { page_title: Buffer.from('Written') },
  ])
  // Making the database and its user again does not forget that it was cloned either.
  await createWikiDatabase({ ...input, password: 'an0ther-Password' })
  expect(await cloneDatabase(input)).toBe('kept')
  await undoWikiDatabase(input)
})

test('a database that is not claimed, is a stranger’s, or has tables from elsewhere is refused and stays', async () => {
  expect(await codeOf(cloneDatabase(input))).toBe('database_foreign')
  await create()
  expect(await codeOf(cloneDatabase({ ...input, task: 'task-2' }))).toBe('database_foreign')
  const name = databaseName(input.slug)
  await databases.query(`CREATE TABLE ${name}.installed (id INT); INSERT INTO ${name}.installed VALUES (1)`)
  expect(await codeOf(cloneDatabase(input))).toBe('database_foreign')
  expect(await databases.query(`SELECT * FROM ${name}.installed`)).toHaveLength(1)
  await undoWikiDatabase(input)
})

test('without a source it is refused', async () => {
  await create()
  expect(await codeOf(cloneDatabase({ ...input, source: 'no_such_wiki' }))).toBe('template_missing')
  await cloneDatabase(input)
  await undoWikiDatabase(input)
})

test.each(['before', 'after'] as const)(
  'cut off %s any of its statements and done again, it is the same',
  async (when) => {
    let cuts = 0
    // Every third of them.
    for (let statement = when === 'before' ? 1 : 2; ; statement += 3) {
      input = { ...input, slug: databases.newSlug() }
      await create()
      await using proxy = await startCuttingProxy(databases.socketPath, { statement, when })
      const server = { host: '127.0.0.1', port: proxy.port, user: 'root' }
      const end = await cloneDatabase({ ...input, server }).catch((error: unknown) => error)
      if (end === 'made') {
        await undoWikiDatabase(input)
        break
      }
      expect(end).toMatchObject({ final: false })
      cuts += 1
      await cloneDatabase(input)
      await expectCloned()
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input)).toMatchObject({ databases: 0, users: 0 })
    }
    expect(cuts).toBeGreaterThan(10)
  },
)

test('four clones of one source at once are all whole', async () => {
  const inputs = Array.from({ length: 4 }, () => ({ ...input, slug: databases.newSlug() }))
  await Promise.all(inputs.map((each) => createWikiDatabase(each)))
  expect(await Promise.all(inputs.map((each) => cloneDatabase(each)))).toEqual(inputs.map(() => 'made'))
  for (const each of inputs) {
    input = each
    await expectCloned()
    await undoWikiDatabase(each)
  }
})
