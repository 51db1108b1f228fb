/** Each number that this names, as a real MariaDB says it. */
import { randomBytes } from 'node:crypto'
import type { Refusal } from '@wikistead/contracts'
import type {} from '@wikistead/test/provided'
import { createConnection, type Connection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { databaseError, errno, errnoOf, missingRights } from './database-errors.ts'

const suffix = randomBytes(4).toString('hex')
const database = `errors_${suffix}`
const [plain, granting, away] = [`plain_${suffix}`, `granting_${suffix}`, `away_${suffix}`]
let root: Connection
const { socketPath } = inject('mariadb')

const as = async (user: string, ask: (connection: Connection) => Promise<unknown>, password = 'secret') => {
  const connection = await createConnection({ socketPath, user, password })
  try {
    await ask(connection)
  } finally {
    await connection.end()
  }
}

beforeAll(async () => {
  root = await createConnection({ socketPath, user: 'root' })
  for (const statement of [
    `CREATE DATABASE ${database}`,
    `CREATE TABLE ${database}.t (a INT, b INT)`,
    `CREATE TABLE ${database}.hidden (a INT)`,
    `CREATE USER ${plain} IDENTIFIED BY 'secret'`,
    `GRANT SELECT (a) ON ${database}.t TO ${plain}`,
    `CREATE USER ${granting} IDENTIFIED BY 'secret'`,
    `GRANT SELECT ON ${database}.* TO ${granting} WITH GRANT OPTION`,
    `CREATE USER ${away} IDENTIFIED VIA unix_socket`,
  ]) {
    await root.query(statement)
  }
})
afterAll(async () => {
  for (const user of [plain, granting, away]) await root.query(`DROP USER IF EXISTS ${user}`)
  await root.query(`DROP DATABASE ${database}`)
  await root.end()
})

const provoked: readonly (readonly [number, () => Promise<unknown>])[] = [
  [errno.databaseExists, () => root.query(`CREATE DATABASE ${database}`)],
  [errno.unknownDatabase, () => root.query(`USE nowhere_${suffix}`)],
  [errno.noSuchTable, () => root.query(`SELECT 1 FROM ${database}.nothing`)],
  [errno.cannotUser, () => root.query(`CREATE USER ${plain}`)],
  [errno.noSuchThread, () => root.query('KILL 4000000000')],
  [errno.notOwnerOfThread, () => as(plain, (sql) => sql.query(`KILL ${String(root.threadId)}`))],
  // Any option that is in the way says so with this number.
  // The option is --secure-file-priv; the one that judges passwords says it with the same number.
  [errno.optionPrevents, () => root.query("SELECT 1 INTO OUTFILE '/nowhere/x'")],
  [1044, () => as(granting, (sql) => sql.query(`CREATE DATABASE mine_${suffix}`))],
  [1045, () => as(plain, (sql) => sql.query('SELECT 1'), 'wrong')],
  [1142, () => as(plain, (sql) => sql.query(`SELECT 1 FROM ${database}.hidden`))],
  [1143, () => as(plain, (sql) => sql.query(`SELECT b FROM ${database}.t`))],
  [1227, () => as(plain, (sql) => sql.query('SET GLOBAL read_only = 0'))],
  [
    1410,
    () =>
      as(granting, async (sql) => {
        await sql.query("SET SESSION sql_mode = ''")
        await sql.query(`GRANT SELECT ON ${database}.t TO new_${suffix}`)
      }),
  ],
  [1698, () => as(away, (sql) => sql.query('SELECT 1'), '')],
]

test.each(provoked)('%i', async (number, provoke) => {
  const error: unknown = await provoke().then(
    () => 'no error',
    (cause: unknown) => cause,
  )
  expect(errnoOf(error)).toBe(number)
  const told = databaseError(error)
  if (missingRights.has(number)) expect((told as Refusal).code).toBe('database_rights_missing')
  else expect(told).toMatchObject({ name: 'ProvisioningFault', reason: String(number) })
})

test('every number is provoked', () => {
  const numbers = provoked.map(([number]) => number)
  expect([...Object.values(errno), ...missingRights].filter((number) => !numbers.includes(number))).toEqual(
    [],
  )
})

test('what a server says of its own state has words of its own, and is waited for', () => {
  const said = (errno: number, message: string) =>
    databaseError(Object.assign(new Error(message), { errno, code: 'ER_ANY' }))
  const readOnly =
    'The MariaDB server is running with the --read-only option so it cannot execute this statement'
  expect(said(1290, readOnly)).toMatchObject({
    ...{ name: 'ProvisioningFault', message: 'MariaDB takes no writes: it is read-only (1290).' },
  })
  // Of another option that is in the way.
  expect(said(1290, 'running with the --secure-file-priv option')).toMatchObject({
    message: 'MariaDB could not be reached or did not do its work (1290).',
  })
  expect(said(1047, 'WSREP has not yet prepared node for application use')).toMatchObject({
    ...{ name: 'ProvisioningFault', message: expect.stringContaining('Galera') as string },
  })
})
