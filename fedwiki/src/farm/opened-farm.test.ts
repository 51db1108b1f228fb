import { eventually } from '@wikistead/test/eventually'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { domain, failure, operations, owner, scripted, signal, site } from '../../test/scripted-client.ts'
import { answer, inTurn, page, type Script } from '../../test/scripted-farm.ts'
import { FarmFault } from './farm-error.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const noSite = answer(404, { error: 'Site not found' })

test('a scripted farm that opens its host meanwhile has the request sent again', async () => {
  for (const [name, operate] of Object.entries(operations)) {
    const { farm, client } = await scripted(started, inTurn(page(404), answer(403, {})))
    expect(await failure(operate(client, domain)), name).toMatchObject({ code: 'farm_forbidden' })
    expect(farm.received.length, name).toBe(2)
    expect(farm.openings, name).toBe(2)
  }
})

test('a scripted farm is opened by one request when twelve come at once, however long it takes', async () => {
  const opening = inTurn(page(404), page(404), noSite)
  const { farm, client } = await scripted(started, answer(200, site), { opening })
  await Promise.all(Array.from({ length: 12 }, () => client.getSite(domain, signal)))
  expect(farm.openings).toBe(3)
  expect(farm.received.length).toBe(12)
})

test('a scripted farm goes on being opened for the others when one who waits leaves', async () => {
  let open: (() => void) | undefined
  const { farm, client } = await scripted(started, answer(200, site), {
    opening: (request, response) => {
      open = () => noSite(request, response)
    },
  })
  const leaving = new AbortController()
  const left = failure(client.getSite(domain, leaving.signal))
  const stayed = client.getSite(domain, signal)
  await eventually(() => expect(open).toBeDefined())
  leaving.abort(new Error('enough'))
  expect(await left).toEqual(new Error('enough'))
  expect(farm.received.length).toBe(0)
  open?.()
  await expect(stayed).resolves.toMatchObject({ domain })
  expect(farm.openings).toBe(1)
})

test.each<[string, Script]>([
  ['a page', page(404)],
  ['other JSON', answer(404, { error: 'no such route' })],
  [
    'JSON by name only',
    (_request, response) =>
      response.writeHead(404, { 'content-type': 'application/json' }).end('Site not found'),
  ],
  [
    'the right words in a page',
    (_request, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('{"error":"Site not found"}'),
  ],
])('a scripted farm is given up for now when its 404 stays %s', async (_what, script) => {
  for (const [name, operate] of Object.entries(operations)) {
    // It takes this for a farm without our security package.
    if (name === 'replaceOwner') continue
    const { farm, client } = await scripted(started, script)
    const error = await failure(operate(client, domain))
    expect(error, name).toBeInstanceOf(FarmFault)
    expect(error, name).toMatchObject({ status: 404, final: false, mayHaveReachedFarm: true })
    expect(farm.received.length, name).toBe(2)
  }
})

test.each<[string, Script, object]>([
  ['has no FarmManager', page(404), { status: 404 }],
  ['is overloaded', page(429, { 'retry-after': '3' }), { status: 429, retryAfterMs: 3_000 }],
  ['is down behind its proxy', page(502), { status: 502 }],
  ['says nothing', () => {}, {}],
  ['hangs up', (_request, response) => response.destroy(), {}],
])('a change surely did not reach a scripted farm that at its opening %s', async (_what, opening, told) => {
  const { farm, client } = await scripted(started, answer(201, site), { opening, timeoutMs: 300 })
  const error = await failure(client.createSite(domain, owner, signal))
  expect(error).toBeInstanceOf(FarmFault)
  expect(error).toMatchObject({ ...told, mayHaveReachedFarm: false })
  expect(farm.received).toEqual([])
})

test('a scripted farm that was in trouble is opened anew', async () => {
  for (const trouble of [page(503), ((_request, response) => response.destroy()) as Script]) {
    const { farm, client } = await scripted(started, inTurn(trouble, answer(200, site)))
    expect(await failure(client.getSite(domain, signal))).toBeInstanceOf(FarmFault)
    await expect(client.getSite(domain, signal)).resolves.toMatchObject({ domain })
    await expect(client.getSite(domain, signal)).resolves.toMatchObject({ domain })
    expect(farm.openings).toBe(2)
  }
})

test.each([200, 401, 403, 400])('a scripted farm whose admin host answers %i is open', async (status) => {
  const { client } = await scripted(started, answer(200, site), { opening: answer(status, {}) })
  await expect(client.getSite(domain, signal)).resolves.toMatchObject({ domain })
})
