/** A real Docker engine behind a front with TLS that asks for a certificate, as `dockerd --tlsverify` does. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createServer } from 'node:tls'
import { makeCertificates, pemOf, type Certificates, type Pair } from '@wikistead/test/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDockerd } from '../../test/dockerd.ts'
import { makeWikiFolders } from '../../test/runner-subject.ts'
import { createDockerRunner, type DockerRunnerOptions } from './docker-runner.ts'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('a Docker engine over TCP (needs root)', () => {
  const all = new AsyncDisposableStack()
  let certificates: Certificates
  let options: DockerRunnerOptions
  let port: number

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-docker-tls-'))
    all.defer(() => rm(folder, { recursive: true, force: true }))
    certificates = await makeCertificates(folder)
    const folders = all.use(await makeWikiFolders())
    const dockerd = all.use(await startDockerd())
    await dockerd.startContainer({ name: 'wiki', binds: [`${folders.wikis}:/var/www/wikis`] })
    const { cert, key } = await pemOf(certificates.server)
    const ca = await readFile(certificates.authority.cert)
    const front = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      const engine = connect(dockerd.socketPath)
      pipeline(socket, engine, () => undefined)
      pipeline(engine, socket, () => undefined)
    })
    front.on('tlsClientError', () => undefined)
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    all.defer(async () => void front.close())
    port = (front.address() as AddressInfo).port
    options = {
      ...{ container: 'wiki', filesFolder: folders.filesFolder, phpUser: folders.phpUser },
      pathMap: [{ host: folders.wikis, container: '/var/www/wikis' }],
    }
  })
  afterAll(() => all.disposeAsync())

  async function check(ours: Pair, authority: Pair) {
    const { cert, key } = await pemOf(ours)
    const ca = await readFile(authority.cert, 'utf8')
    const overTcp = { host: '127.0.0.1', port, ca, cert: String(cert), key: String(key) }
    await using runner = createDockerRunner({ ...options, overTcp })
    return await runner.check().catch((error: unknown) => ({ ok: false, detail: String(error) }))
  }

  test('is used by our certificate', async () => {
    const found = await check(certificates.client, certificates.authority)
    expect(found, found.detail).toMatchObject({ ok: true })
  })

  test('is not trusted with a certificate of another authority', async () => {
    const found = await check(certificates.client, certificates.strangeAuthority)
    expect(found).toMatchObject({
      ok: false,
      detail: expect.stringContaining('certificate of an authority that is not trusted here') as string,
    })
  })

  test('does not let in whom it does not know', async () => {
    expect(await check(certificates.strangeClient, certificates.authority)).toMatchObject({ ok: false })
  })
})
