/** Over a front with TLS before a scripted OpenSearch. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, pemOf } from '@wikistead/test/certificates'
import { expect, test } from 'vitest'
import { withSearch } from './search-client.ts'

test.each([
  ['server', 'authority', undefined],
  ['server', 'strangeAuthority', 'tls: unknown authority'],
  ['forAnotherName', 'authority', 'tls: another name'],
  ['expired', 'authority', 'tls: expired'],
] as const)(
  'an OpenSearch with the certificate %s, which is to be of %s: %s',
  async (shown, trusted, reason) => {
    await using started = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-search-tls-'))
    started.defer(() => rm(folder, { recursive: true, force: true }))
    const certificates = await makeCertificates(folder)
    const server = createServer(await pemOf(certificates[shown]), (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"version":{"number":"7.10.2"}}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    started.defer(async () => {
      server.closeAllConnections()
      server.close()
    })
    const endpoint = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    const ca = await readFile(certificates[trusted].cert, 'utf8')
    const asked = withSearch({ endpoint, ca }, {}, (ask) => ask('GET', '/'))
    await (reason === undefined
      ? expect(asked).resolves.toMatchObject({ version: { number: '7.10.2' } })
      : expect(asked).rejects.toMatchObject({ reason }))
  },
)
