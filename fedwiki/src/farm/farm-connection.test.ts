import { eventually } from '@wikistead/test/eventually'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  clientFor,
  domain,
  failure,
  operations,
  owner,
  scripted,
  signal,
  site,
  token,
} from '../../test/scripted-client.ts'
import { adminHost, answer, byMethod, page, type Script } from '../../test/scripted-farm.ts'
import { FarmConnection, type FarmRequest, type Operation } from './farm-connection.ts'
import { FarmFault } from './farm-error.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const whole = JSON.stringify(site)
const half = whole.slice(0, whole.length / 2)

/** Where nobody listens any more. */
async function nowhere(): Promise<string> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

test('a farm that nobody can connect to was surely not reached', async () => {
  for (const baseUrl of [await nowhere(), 'http://farm.invalid']) {
    const client = clientFor(started, baseUrl)
    for (const operate of Object.values(operations)) {
      const error = await failure(operate(client, domain))
      expect(error).toBeInstanceOf(FarmFault)
      expect(error).toMatchObject({ final: false, mayHaveReachedFarm: false })
      expect(error).not.toHaveProperty('cause')
    }
  }
})

test('only a request that found a connection may have arrived', async () => {
  const { farm } = await scripted(started, page(200))
  const request: FarmRequest = { method: 'POST', path: '/', body: {} }
  const settings = { adminHost, token: () => token, timeoutMs: 5_000 }
  const connection = new FarmConnection({ ...settings, baseUrl: farm.baseUrl })
  started.defer(() => connection.close())
  const arriving: Operation = { signal, mayHaveReachedFarm: false }
  await connection.ask(request, arriving)
  expect(arriving.mayHaveReachedFarm).toBe(true)

  const missing = new FarmConnection({ ...settings, baseUrl: await nowhere() })
  started.defer(() => missing.close())
  const refused: Operation = { signal, mayHaveReachedFarm: false }
  expect(await failure(missing.ask(request, refused))).toMatchObject({ mayHaveReachedFarm: false })
  expect(refused.mayHaveReachedFarm).toBe(false)
  // What an earlier request of the same operation did is not forgotten.
  expect(await failure(missing.ask(request, arriving))).toMatchObject({ mayHaveReachedFarm: true })
})

test.each<[string, Script]>([
  ['hangs up before an answer', (_request, response) => response.destroy()],
  [
    'hangs up in the middle of a counted body',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
      response.write(half, () => response.destroy())
    },
  ],
  [
    'hangs up in the middle of a chunked body',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write(half, () => response.destroy())
    },
  ],
  [
    'ends half a body as if it were whole',
    (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(half),
  ],
  [
    'ends half a body with the connection',
    (_request, response) =>
      response.socket?.end(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${half}`),
  ],
  ['does not speak HTTP', (_request, response) => response.socket?.end('220 smtp.farm.test\r\n')],
  [
    'sends a megabyte of headers',
    (_request, response) => {
      const lines = Array.from({ length: 1_000 }, (_, i) => `x-${i}: ${'y'.repeat(1_000)}\r\n`)
      response.socket?.end(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`)
    },
  ],
])('a scripted farm that %s may have been reached', async (_what, script) => {
  const { client } = await scripted(started, script)
  for (const [name, operate] of Object.entries(operations)) {
    const error = await failure(operate(client, domain))
    expect(error, name).toBeInstanceOf(FarmFault)
    expect(error, name).toMatchObject({ final: false, mayHaveReachedFarm: true })
  }
})

test('a creation whose reading back was cut off may have happened', async () => {
  const { client } = await scripted(
    started,
    byMethod({ POST: answer(201, site), GET: (_request, response) => response.destroy() }),
  )
  expect(await failure(client.createSite(domain, owner, signal))).toMatchObject({
    name: 'FarmFault',
    mayHaveReachedFarm: true,
  })
})

describe('a scripted farm that takes longer than the time-out', () => {
  test.each<[string, Script]>([
    ['to begin', () => {}],
    [
      'to go on',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write(request.url.endsWith('/sites') ? `[${half}` : half)
      },
    ],
  ])('%s may have been reached, and its connection is given up', async (_what, script) => {
    let closed = 0
    const counted: Script = (request, response) => {
      response.on('close', () => closed++)
      script(request, response)
    }
    const { farm, client } = await scripted(started, counted, { timeoutMs: 200 })
    for (const [name, operate] of Object.entries(operations)) {
      const error = await failure(operate(client, domain))
      expect(error, name).toBeInstanceOf(FarmFault)
      expect(error, name).toMatchObject({
        message: 'The farm did not answer in time.',
        mayHaveReachedFarm: true,
      })
    }
    await eventually(() => expect(closed).toBe(farm.received.length))
  })

  test('drop by drop is given up as well', async () => {
    let dropping: NodeJS.Timeout | undefined
    const { client } = await scripted(
      started,
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        dropping = setInterval(() => response.write(' '), 20)
      },
      { timeoutMs: 300, listTimeoutMs: 400 },
    )
    started.defer(() => clearInterval(dropping))
    expect(await failure(client.getSite(domain, signal))).toMatchObject({ name: 'FarmFault' })
    clearInterval(dropping)
    expect(await failure(client.listSites(() => {}, signal))).toMatchObject({ name: 'FarmFault' })
  })
})

describe('a signal', () => {
  test('ends a request under way, and the farm sees it', async () => {
    for (const [name, operate] of Object.entries(operations)) {
      const { farm, client } = await scripted(started, (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('[')
      })
      const leaving = new AbortController()
      const left = failure(operate(client, domain, leaving.signal))
      await eventually(() => expect(farm.received.length).toBe(1))
      leaving.abort(new Error('enough'))
      expect(await left, name).toEqual(new Error('enough'))
      await eventually(() => expect([...farm.sockets].some((socket) => socket.destroyed)).toBe(true))
    }
  })

  test('that is over already lets nothing out', async () => {
    const { farm, client } = await scripted(started, page(500))
    for (const operate of Object.values(operations)) {
      expect(await failure(operate(client, domain, AbortSignal.abort(new Error('enough'))))).toEqual(
        new Error('enough'),
      )
    }
    expect(farm.received).toEqual([])
  })
})

test('closing a client ends what is under way on a scripted farm', async () => {
  const { farm, client } = await scripted(started, () => {})
  const ended = failure(client.getSite(domain, signal))
  await eventually(() => expect(farm.received.length).toBe(1))
  await client.close()
  expect(await ended).toBeInstanceOf(FarmFault)
  expect(await failure(client.getSite(domain, signal))).toMatchObject({ mayHaveReachedFarm: false })
})
