/** While MariaDB, which holds our own store, is stopped, every route says so instead of calling it a fault of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@wikistead/store'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { startMariadb } from '@wikistead/test/mariadb'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { permissions } from '../access/permissions.ts'

const started = new AsyncDisposableStack()
let api: ApiUnderTest
let mariadb: Awaited<ReturnType<typeof startMariadb>>
let folder: string
let admin: Asker

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-store-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  mariadb = await startMariadb(folder)
  started.defer(() => mariadb[Symbol.asyncDispose]())
  const { socketPath } = mariadb
  const root = await createConnection({ socketPath, user: 'root' })
  await root.query('CREATE DATABASE wikistead')
  // A superuser writes to a server that only reads.
  await root.query("GRANT ALL ON wikistead.* TO farm@localhost IDENTIFIED BY ''")
  await root.end()
  const place = { socketPath, user: 'farm', database: 'wikistead' }
  const store = started.use(await openStore({ engine: 'mariadb', ...place }))
  api = started.use(await startApiUnderTest({ deps: { store } }))
  const { user_id: id } = await store.users.ensure({
    ...{ name: 'Admin', role: 'admin', issuer: 'test', subject: 'admin' },
  })
  admin = { id, token: await store.tokens.issue(id, { label: 'test' }) }
})
afterAll(() => started.disposeAsync())

test('a stopped MariaDB is a 503 that says when to come again, on every route, and nothing once it is back', async () => {
  expect(await api.ask('GET', '/v1/wikis', { as: admin })).toMatchObject({ status: 200 })
  await mariadb[Symbol.asyncDispose]()
  const told = new Map<string, unknown>()
  for (const route of api.app.everyRoute) {
    const [method, path] = route.split(' ') as ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string]
    const asked = path.replace(':engine', 'fedwiki').replaceAll(/:\w+/g, '1')
    for (const as of [admin, undefined]) {
      const { status, body, headers } = await api.ask(method, asked, { as })
      expect([status, status < 500 || status === 503], `${route} ${JSON.stringify(body)}`).toEqual([
        status,
        true,
      ])
      if (body['code'] !== 'store_unavailable') continue
      told.set(route, status)
      expect(headers, route).toMatchObject({
        ...{ 'retry-after': '5', 'content-type': expect.stringContaining('problem+json') as string },
      })
    }
  }
  const known = Object.entries(permissions).filter(([, { scope, who }]) => scope !== null && who !== 'anyone')
  const ours = known.map(([route]) => route).filter((route) => api.app.everyRoute.has(route))
  const hubs = (route: string) => /^\w+ \/provisioner/.test(route)
  expect(ours.filter((route) => !hubs(route) && !told.has(route))).toEqual([])
  expect(ours.length).toBeGreaterThan(20)

  mariadb = await startMariadb(folder, mariadb.port)
  await expect.poll(async () => (await api.ask('GET', '/v1/wikis', { as: admin })).status).toBe(200)
})

test('a MariaDB that only reads, as a former primary does, is a 503 for what writes, and not ready until it takes writes', async () => {
  const { socketPath } = mariadb
  const root = await createConnection({ socketPath, user: 'root' })
  const connectionsOf = async () => {
    const [rows] = await root.query<RowDataPacket[]>(
      "SELECT id FROM information_schema.processlist WHERE user = 'farm'",
    )
    return rows.map((row) => row['id'] as number)
  }
  const storePart = async () => {
    const { parts } = (await api.ask('GET', '/readyz')).body as { parts: readonly { part: string }[] }
    return parts.find(({ part }) => part === 'store')
  }
  const write = () =>
    api.ask('POST', '/v1/users', { as: admin, body: { name: 'Ada', issuer: 'test', subject: 'ada' } })
  expect(await storePart()).toMatchObject({ ok: true })
  const before = await connectionsOf()
  await root.query('SET GLOBAL read_only = 1')
  for (let n = 0; n < before.length + 1; n += 1) {
    expect(await write()).toMatchObject({ status: 503, body: { code: 'store_unavailable' } })
  }
  expect(await api.ask('GET', '/readyz')).toMatchObject({ status: 503, body: { status: 'down' } })
  expect(await storePart()).toMatchObject({
    ...{ ok: false, detail: 'takes no writes: it is read-only' },
    mend: expect.stringContaining('read_only = 0') as string,
  })
  // None of those that heard it is used again: the next server may be another.
  await expect.poll(async () => (await connectionsOf()).filter((id) => before.includes(id))).toEqual([])
  await root.query('SET GLOBAL read_only = 0')
  expect(await write()).toMatchObject({ status: 201 })
  expect(await storePart()).toMatchObject({ ok: true })
  await root.end()
})

test('what is our own mistake stays a fault', async () => {
  const root = await createConnection({ socketPath: mariadb.socketPath, user: 'root', database: 'wikistead' })
  await root.query('RENAME TABLE wikifarm_wikis TO wikifarm_lost')
  expect(await api.ask('GET', '/v1/wikis', { as: admin })).toMatchObject({
    status: 500,
    body: { code: 'fault' },
  })
  await root.query('RENAME TABLE wikifarm_lost TO wikifarm_wikis')
  await root.end()
})
