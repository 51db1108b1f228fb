/** While MariaDB, which holds our own store, is stopped, every route says so instead of calling it a fault of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@wikistead/store'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { startMariadb } from '@wikistead/test/mariadb'
import { createConnection } from 'mysql2/promise'
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
  await root.end()
  const place = { socketPath, user: 'root', database: 'wikistead' }
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
  const hubs = (route: string) =>
    route.startsWith('POST /provisioner') || route.startsWith('GET /provisioner')
  expect(ours.filter((route) => !hubs(route) && !told.has(route))).toEqual([])
  expect(ours.length).toBeGreaterThan(20)

  mariadb = await startMariadb(folder, mariadb.port)
  await expect.poll(async () => (await api.ask('GET', '/v1/wikis', { as: admin })).status).toBe(200)
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
