import { eventually } from '@wikistead/test/eventually'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { adminHost, ask, guardBefore, sendRaw } from '../test/guard-under-test.ts'
import { startGuard } from './guard.ts'

let started: AsyncDisposableStack
beforeEach(() => {
  started = new AsyncDisposableStack()
})
afterEach(() => started.disposeAsync())

describe('before a plain HTTP server in the place of the farm, the guard', () => {
  test('passes a Host in lower case and with its port, and tells who asked', async () => {
    const { port, seen } = await guardBefore(started, (_req, res) => res.end('hello'))
    const answer = await ask(port, 'WWW.Notes.Example.ORG:8080', '/a%20b?x=1&y', {
      headers: {
        'X-Forwarded-For': '9.9.9.9',
        'X-Forwarded-Proto': 'https',
        forwarded: 'for=9.9.9.9',
        Connection: 'keep-alive, x-private',
        'X-Private': '1',
        'X-Kept': '2',
      },
    })
    expect(answer).toMatchObject({ status: 200, body: 'hello' })
    expect(seen[0]?.url).toBe('/a%20b?x=1&y')
    const { headers } = seen[0] as IncomingMessage
    expect(headers).toMatchObject({
      host: 'www.notes.example.org:8080',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'www.notes.example.org:8080',
      'x-forwarded-proto': 'http',
      'x-kept': '2',
    })
    for (const dropped of ['forwarded', 'x-private']) expect(headers[dropped]).toBe(undefined)
  })

  test('believes the X-Forwarded headers of a proxy that it was told to trust', async () => {
    const { port, seen } = await guardBefore(started, (_req, res) => res.end(), { trustProxy: true })
    await ask(port, 'notes.example.org', '/', {
      headers: { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https' },
    })
    expect(seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
    })
  })

  test('holds the first requests to a site back until the site was opened, and asks by its name alone', async () => {
    const opening = Promise.withResolvers<boolean>()
    const asked: string[] = []
    const { port, seen } = await guardBefore(
      started,
      (_req, res) => res.end(),
      {},
      (site) => {
        asked.push(site)
        return site === 'open.example.org' ? Promise.resolve(true) : opening.promise
      },
    )
    const held = Array.from({ length: 12 }, () => ask(port, 'WWW.New.example.org:80', '/'))
    await eventually(() => expect(asked).toHaveLength(12))
    await ask(port, 'open.example.org', '/')
    expect(seen.map(({ headers }) => headers.host)).toEqual(['open.example.org'])
    // No site of that name: the farm says so better than the guard would.
    opening.resolve(false)
    await Promise.all(held)
    expect(seen).toHaveLength(13)
    expect(new Set(asked)).toEqual(new Set(['new.example.org', 'open.example.org']))
  })

  test('says so when a site cannot be opened', async () => {
    const late = new DOMException('too late', 'AbortError')
    const { port, seen } = await guardBefore(
      started,
      (_req, res) => res.end(),
      {},
      () => Promise.reject(late),
    )
    expect((await ask(port, 'notes.example.org', '/')).status).toBe(504)
    expect(seen).toHaveLength(0)
  })

  test('passes the answer as it is, without the headers of its connection', async () => {
    const { port } = await guardBefore(started, (_req, res) => {
      res.writeHead(418, {
        'set-cookie': ['a=1', 'b=2'],
        'x-kept': 'yes',
        connection: 'x-private',
        'x-private': '1',
      })
      res.end('short and stout')
    })
    const { status, headers, body } = await ask(port, 'notes.example.org', '/')
    expect([status, body]).toEqual([418, 'short and stout'])
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-kept': 'yes' })
    expect(headers['x-private']).toBe(undefined)
  })

  describe('carries bodies', () => {
    const echo: RequestListener = (req, res) => void req.pipe(res)

    test('of any length, both ways, whole', async () => {
      const { port } = await guardBefore(started, echo)
      const sent = randomBytes(5_000_000).toString('base64')
      const byLength = await ask(port, 'notes.example.org', '/', { method: 'POST', body: sent })
      expect(byLength.body === sent).toBe(true)
      const chunked = { 'transfer-encoding': 'chunked' }
      const inChunks = await ask(port, 'notes.example.org', '/', {
        ...{ method: 'PUT', headers: chunked, body: sent },
      })
      expect(inChunks.body === sent).toBe(true)
    })

    test('as they come, without holding them back', async () => {
      const { port } = await guardBefore(started, echo)
      const outgoing = request({
        ...{ host: '127.0.0.1', port, path: '/', method: 'POST', agent: false },
        headers: { host: 'notes.example.org' },
      })
      outgoing.write('one')
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
      answer.setEncoding('utf8')
      expect(await once(answer, 'data')).toEqual(['one'])
      outgoing.end('two')
      expect(await text(answer)).toBe('two')
    })

    test('up to the limit only, declared or not', async () => {
      const { port, seen } = await guardBefore(started, echo, { maxBodyBytes: 1_000 })
      const post = (headers: Record<string, string>, length: number) =>
        ask(port, 'notes.example.org', '/', { method: 'POST', headers, body: 'x'.repeat(length) })
      expect((await post({}, 1_000)).status).toBe(200)
      expect(await post({}, 1_001)).toMatchObject({
        status: 413,
        body: '{"error":"More than 1000 bytes cannot be sent at once."}',
      })
      expect(seen).toHaveLength(1)
      // The echo may have begun before the last byte came; then the answer breaks off.
      const late = await post({ 'transfer-encoding': 'chunked' }, 500_000).catch(() => ({
        status: 0,
        body: '',
      }))
      expect(late.body.length).toBeLessThan(500_000)
      expect((await post({}, 5)).body).toBe('xxxxx')
    })

    test('only for as long as the client stays', async () => {
      const { port, seen } = await guardBefore(started, () => {})
      const outgoing = request({
        ...{ host: '127.0.0.1', port, path: '/', agent: false },
        headers: { host: 'notes.example.org' },
      })
      outgoing.on('error', () => {}).end()
      await eventually(() => expect(seen).toHaveLength(1))
      outgoing.destroy()
      await eventually(() => expect(seen[0]?.socket.destroyed).toBe(true))
    })
  })

  describe('says what happened', () => {
    const html = { headers: { accept: 'text/html,*/*' } }

    test('when nothing listens: 503, as a page to a browser, as JSON to a program', async () => {
      const idle = createServer().listen(0, '127.0.0.1')
      await once(idle, 'listening')
      const { port } = idle.address() as AddressInfo
      await new Promise((resolve) => idle.close(resolve))
      const farm = { port, adminHost, warmUp: () => Promise.resolve(true) }
      const guard = started.use(await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm }))
      const json = await ask(guard.port, 'notes.example.org', '/')
      expect(json).toMatchObject({
        status: 503,
        headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '3' },
        body: '{"error":"The wiki farm is being started again. Try once more in a few seconds."}',
      })
      const page = await ask(guard.port, 'notes.example.org', '/', html)
      expect(page).toMatchObject({ status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } })
      expect(page.body).toContain('<p>The wiki farm is being started again.')
    })

    test('when the answer breaks off before it began: 502', async () => {
      const { port } = await guardBefore(started, (req) => req.socket.destroy())
      expect((await ask(port, 'notes.example.org', '/')).status).toBe(502)
    })

    test('when there is no answer in time: 504, and the next request is served', async () => {
      let silent = true
      const { port } = await guardBefore(
        started,
        (_req, res) => {
          if (!silent) res.end('back')
        },
        { answerTimeoutMs: 200 },
      )
      expect((await ask(port, 'notes.example.org', '/', html)).status).toBe(504)
      silent = false
      expect((await ask(port, 'notes.example.org', '/')).body).toBe('back')
    })

    test('and breaks an answer off where the farm did, never as if it were whole', async () => {
      const { port } = await guardBefore(started, (_req, res) => {
        res.writeHead(200, { 'content-length': 10 })
        res.write('half')
        res.socket?.end()
      })
      await expect(ask(port, 'notes.example.org', '/')).rejects.toThrow(/aborted|hang up|reset/)
    })
  })

  test('takes no upgrades: the farm has no WebSockets', async () => {
    const { port, seen } = await guardBefore(started, (_req, res) => res.end('plain'))
    const { all } = await sendRaw(
      port,
      'GET / HTTP/1.1\r\nHost: a.example.org\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    )
    expect(all).toMatch(/^HTTP\/1\.1 200 .*plain$/s)
    expect(seen[0]?.headers.upgrade).toBe(undefined)
  })

  test('closes with connections open, and twice', async () => {
    const { guard, port } = await guardBefore(started, (_req, res) => res.end())
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    await guard.close()
    await guard.close()
    await expect(ask(port, 'notes.example.org', '/')).rejects.toThrow('ECONNREFUSED')
    socket.destroy()
  })
})
