/** Over a real MariaDB that takes encrypted connections only, with certificates of an authority of this test's own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, type Certificates } from '@wikistead/test/certificates'
import { startMariadb } from '@wikistead/test/mariadb'
import { Kysely, sql } from 'kysely'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainStoreFault, openStore, type StoreConfig } from '../index.ts'
import { mariadbDialect } from './mariadb-dialect.ts'

const started = new AsyncDisposableStack()
let folder: string
let certificates: Certificates
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-tls-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  certificates = await makeCertificates(folder)
  ca = await readFile(certificates.authority.cert, 'utf8')
})
afterAll(() => started.disposeAsync())

let number = 0

async function serverWith(
  name: 'server' | 'forAnotherName' | 'expired' | undefined,
): Promise<StoreConfig & { readonly engine: 'mariadb' }> {
  const pair = name === undefined ? undefined : certificates[name]
  const tls = pair && [`--ssl-cert=${pair.cert}`, `--ssl-key=${pair.key}`, '--require-secure-transport=ON']
  const place = join(folder, `mariadb-${String((number += 1))}`)
  const server = started.use(await startMariadb(place, undefined, tls))
  // By a socket of this machine everybody is secure enough.
  const root = await createConnection({ socketPath: server.socketPath, user: 'root' })
  await root.query('CREATE DATABASE store')
  await root.query("GRANT ALL ON store.* TO farm@'%' IDENTIFIED BY 'its password'")
  await root.end()
  const login = { user: 'farm', password: 'its password', database: 'store' }
  return { engine: 'mariadb', host: '127.0.0.1', port: server.port, ...login, connections: 1 }
}

async function faultAt(config: StoreConfig): Promise<unknown> {
  const error = await openStore(config).then(
    (store) => store[Symbol.asyncDispose](),
    (fault: unknown) => fault,
  )
  return explainStoreFault(config, error)
}

test('a store is opened over TLS where the certificate is of the authority, by name and by number', async () => {
  const config = await serverWith('server')
  for (const host of ['127.0.0.1', 'localhost']) {
    await using store = await openStore({ ...config, host, tls: { ca } })
    await store.settings.set('greeting', '🦉')
    expect(await store.settings.get('greeting')).toBe('🦉')
    await using db = new Kysely<unknown>({ dialect: mariadbDialect({ ...config, host, tls: { ca } }) })
    const { rows } = await sql<{ readonly Value: string }>`show session status like 'Ssl_version'`.execute(db)
    expect(rows[0]?.Value).toMatch(/^TLSv1\.[23]$/)
  }
  // Nobody is let in in the open, and no certificate is taken on trust.
  expect(await faultAt(config)).toMatchObject({
    detail: 'takes encrypted connections only (TLS)',
    mend: expect.stringContaining('store-tls') as string,
  })
  expect(await faultAt({ ...config, tls: {} })).toMatchObject({
    detail: 'shows a certificate of an authority that is not trusted here',
    mend: expect.stringContaining('store-ca-file') as string,
  })
  const strange = await readFile(certificates.strangeAuthority.cert, 'utf8')
  expect(await faultAt({ ...config, tls: { ca: strange } })).toMatchObject({
    detail: 'shows a certificate of an authority that is not trusted here',
  })
})

test.each([
  ['forAnotherName', 'shows a certificate that is for another name'],
  ['expired', 'shows a certificate that has expired, or is not valid yet'],
] as const)('a certificate %s is told by its name', async (name, detail) => {
  const config = await serverWith(name)
  for (const host of ['127.0.0.1', 'localhost']) {
    expect(await faultAt({ ...config, host, tls: { ca } }), host).toMatchObject({ detail })
  }
})

test('a server without TLS is not asked in the open instead', async () => {
  const config = await serverWith(undefined)
  expect(await faultAt({ ...config, tls: { ca } })).toMatchObject({ detail: 'does not speak TLS there' })
})
