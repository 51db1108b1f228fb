import { readFileSync } from 'node:fs'
import type { RowDataPacket } from 'mysql2/promise'
import { emptyDatabase, tablesOf } from '@wikistead/test/empty-database'
import { expect, test } from 'vitest'
import { extensionSql } from './extension-sql.ts'
import { openStore, pendingMigrations } from './store.ts'

const file = (): string => readFileSync(new URL('../../extension/sql/tables.sql', import.meta.url), 'utf8')
const statements = (): string[] =>
  file()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--'))

test('extension/sql/tables.sql says what the migrations say', async () => {
  expect(file() === extensionSql(), 'extension/sql/tables.sql is stale: run `npm run docs`').toBe(true)
})

test('either side may come first: the tables are the same, and nothing is left to do', async () => {
  await using ours = await emptyDatabase()
  await using theirs = await emptyDatabase()
  await (await openStore(ours.config))[Symbol.asyncDispose]()
  for (const statement of statements()) await theirs.sql.query(statement)
  expect(await pendingMigrations(theirs.config)).toEqual([])
  const made = await tablesOf(theirs.sql)
  expect(Object.keys(made)).toContain('wikifarm_tasks')
  expect(made).toEqual(await tablesOf(ours.sql))

  await using store = await openStore(theirs.config)
  const user = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
  expect(await store.transaction(({ users }) => users.ensure(user))).toMatchObject({ name: 'Ada' })
  for (const statement of statements()) await ours.sql.query(statement)
  expect(await tablesOf(ours.sql)).toEqual(made)
  const [rows] = await ours.sql.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM wikifarm_migrations')
  expect(rows[0]?.['n']).toBe(
    statements().filter((line) => line.includes('wikifarm_migrations` (`name`,')).length,
  )
})

test('a run that was cut off anywhere is finished by the next', async () => {
  const all = statements()
  for (const cut of [2, 6, Math.floor(all.length / 2), all.length - 1]) {
    await using database = await emptyDatabase()
    for (const statement of [...all.slice(0, cut), ...all]) await database.sql.query(statement)
    expect(await pendingMigrations(database.config), `cut at ${String(cut)}`).toEqual([])
  }
})

test('a database that is binary by default is opened again and again', async () => {
  await using database = await emptyDatabase()
  for (let turn = 0; turn < 2; turn += 1) await (await openStore(database.config))[Symbol.asyncDispose]()
  expect(await pendingMigrations(database.config)).toEqual([])
})
