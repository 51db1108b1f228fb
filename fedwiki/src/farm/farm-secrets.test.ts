import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { domain, operations, owner, scripted, signal, site, token } from '../../test/scripted-client.ts'
import { answer, byMethod, page, type Script } from '../../test/scripted-farm.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

test('no secret of a scripted farm surfaces, whatever it answers', async () => {
  const secret = 'a-secret-of-owner-json'
  const leaky = { ...site, owner: { ...owner, friend: { secret }, secret, [secret]: 1 }, secret }
  const broken: Script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify([leaky]).slice(0, -3))
  }
  const notHttp: Script = (_request, response) => response.socket?.end(`HTTP/1.1 ${secret}\r\n\r\n${secret}`)
  const scripts: Script[] = [
    ...[200, 201, 400, 401, 403, 404, 409, 422, 429, 500].map((status) => answer(status, leaky)),
    answer(200, [leaky]),
    answer(200, [leaky, leaky]),
    answer(200, [{ ...leaky, pages: secret }]),
    answer(200, { ...leaky, name: secret, status: secret }),
    answer(404, { error: secret }),
    answer(429, {}, { 'retry-after': secret }),
    page(302, { location: `http://${secret}.test/` }),
    byMethod({
      POST: answer(201, leaky),
      PUT: answer(200, leaky),
      PATCH: answer(200, leaky),
      DELETE: answer(200, leaky),
      GET: answer(200, { ...leaky, owner: { ...leaky.owner, oauth2: { id: 'another', secret } } }),
    }),
    broken,
    notHttp,
  ]
  const logged = vi.spyOn(process.stdout, 'write')
  started.defer(() => logged.mockRestore())
  const surfaced: unknown[] = []
  for (const script of scripts) {
    const { client } = await scripted(started, script)
    for (const operate of [
      ...Object.values(operations),
      () => client.listSites((sites) => void surfaced.push(...sites), signal),
      () => client.capabilities(signal),
    ]) {
      surfaced.push(await operate(client, domain).catch((error: unknown) => error))
    }
  }
  expect(surfaced.length).toBeGreaterThan(9 * scripts.length)
  const everything =
    inspect(surfaced, { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null }) +
    JSON.stringify(surfaced) +
    surfaced.map((one) => (one instanceof Error ? String(one.stack) + String(one.cause) : '')).join() +
    JSON.stringify(logged.mock.calls)
  expect(everything).toContain('sub-of-ada')
  expect(everything).not.toContain(secret)
  expect(everything).not.toContain(token)
})
