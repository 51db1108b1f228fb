/** A provider of the test's own that sends us elsewhere: what the operator named is asked, and nobody whom that names. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Provider } from './provider.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

test.each([301, 302, 303, 307, 308])('a redirect of %i is not followed', async (status) => {
  let asked = 0
  const inside = await listen((_req, res) => {
    asked += 1
    res.setHeader('content-type', 'application/json').end('{}')
  })
  const issuer = await listen((_req, res) => {
    res.writeHead(status, { location: `${inside}/latest/meta-data/` }).end()
  })
  const settings = { issuer, clientId: 'us', clientSecret: undefined, scopes: 'openid', adminSubjects: [] }
  const provider = new Provider({ ...settings, name: 'Ours' }, () => 'http://api.test', Fastify().log)
  expect((await provider.health()).ok).toBe(false)
  await expect(provider.authorizationUrl(provider.newChecks(), undefined)).rejects.toMatchObject({
    code: 'sign_in_unavailable',
  })
  expect(asked).toBe(0)
})
