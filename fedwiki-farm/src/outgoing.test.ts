/** What a visitor and an owner can have a real farm ask, by every route that asks somebody. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { ask } from '../test/guard-under-test.ts'
import { Visitor } from '../test/visitor.ts'
import { startGuard, type Guard } from './guard.ts'

const secret = JSON.stringify({ title: 'an internal secret', story: [] })
const started = new AsyncDisposableStack()
let running: FarmUnderTest
let guard: Guard
let alice: Visitor
let site: string
/** Within, on every address of this machine; it counts who comes. */
let internal: { port: number; asked: string[] }

beforeAll(async () => {
  running = started.use(await startFarmUnderTest())
  guard = started.use(await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm: running.farm }))
  const asked: string[] = []
  const port = await serve('::', (req, res) => {
    asked.push(`${req.headers.host} ${req.url}`)
    res.setHeader('content-type', 'application/json').end(secret)
  })
  internal = { port, asked }
  await running.createSite('notes.wiki.test', 'alice')
  alice = await running.signIn('notes.wiki.test', 'alice')
  site = running.site('notes.wiki.test')
})
afterAll(() => started.disposeAsync())
beforeEach(() => internal.asked.splice(0))

async function serve(host: string, answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, host)
  await once(server, 'listening')
  started.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

const log = () => readFile(running.farm.logFile, 'utf8')
const ownAddresses = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)

const names = [
  ...['127.0.0.1', '127.0.0.2', '127.1', '2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1'],
  ...['0', '0.0.0.0', 'localhost', 'LOCALHOST', 'localhost.', 'unknown.localhost', hostname()],
  ...ownAddresses.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
]
const onlyProxied = [
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[2002:7f00:1::]', 'x@127.0.0.1', 'x:y@127.0.0.1', 'notes.wiki.test@127.0.0.1', '127.0.0.1%2f'],
  ...['%31%32%37.0.0.1', '127。0。0。1', '①27.0.0.1', '127.0.0.1\\@notes.wiki.test'],
  ...ownAddresses
    .filter(({ family, scopeid }) => family === 'IPv6' && !scopeid)
    .map(({ address }) => `[${address}]`),
]

test.each(names)('a visitor gets nothing of %s by /remote/, through the guard or past it', async (name) => {
  const path = `/remote/${name}:${internal.port}/secret.json`
  const answers = [await new Visitor().ask(site + path), await ask(guard.port, 'notes.wiki.test', path)]
  for (const { status, body } of answers) {
    expect(status).toBe(500)
    expect(body).not.toContain('secret')
  }
  expect(internal.asked).toEqual([])
})

test.each([...names, ...onlyProxied])(
  'an owner gets nothing of %s by /proxy/ and by a fork',
  async (name) => {
    const there = encodeURI(name)
      .replaceAll('%25', '%')
      .replace(/%5B|%5D/g, decodeURIComponent)
    for (const path of [`${there}:${internal.port}/secret.json`, `${there}:${internal.port}/plugin/secret`]) {
      const answer = await alice.ask(`${site}/proxy/${path}`)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
      expect(answer.body).not.toContain('secret"')
    }
    const remote = `${name}:${internal.port}`
    await alice.act(site, 'secret', { type: 'fork', site: remote, date: 1 })
    await alice.act(site, 'secret', {
      type: 'add',
      fork: remote,
      item: { id: 'a', type: 'paragraph' },
      date: 1,
    })
    expect(internal.asked).toEqual([])
    expect((await alice.ask(`${site}/secret.json`)).body).not.toContain('internal secret')
  },
)

test('a fork from no server at all harms nobody', async () => {
  for (const remote of ['%', 'a b', '[', '127.0.0.1%2f', 'a:b:c', { toString: 1 }, ['%'], '//']) {
    for (const action of [
      { type: 'fork', site: remote },
      { type: 'add', fork: remote, item: { id: 'a' } },
    ]) {
      const { status } = await alice.act(site, 'from-nowhere', { ...action, date: 1 })
      expect([remote, status >= 400]).toEqual([remote, true])
    }
  }
  expect(running.farm.state).toMatchObject({ kind: 'ready', restarts: 0 })
})

test.each([
  ...['169.254.169.254', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '100.100.100.200'],
  ...['168.63.129.16', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
])('%s is not even connected to', async (address) => {
  expect((await new Visitor().ask(`${site}/remote/${address}/metadata.json`)).status).toBe(500)
  await expect.poll(log).toContain(`${address} is not asked: it has no public address.`)
})

describe('the federation goes on', () => {
  const page = 'Written here, read there'
  let other: string

  beforeAll(async () => {
    other = await running.createSite('other.wiki.test', 'bob')
    expect(await (await running.signIn('other.wiki.test', 'bob')).writePage(other, 'shared', page)).toBe(200)
  })

  test.each(['', ':80', ':8420'])(
    'a site of the farm is found by its name%s, whatever DNS says of it',
    async (port) => {
      const remote = await new Visitor().ask(`${site}/remote/other.wiki.test${port}/shared.json`)
      expect([remote.status, remote.body]).toEqual([200, expect.stringContaining(page)])
      const proxied = await alice.ask(`${site}/proxy/www.other.wiki.test${port}/shared.json`)
      expect([proxied.status, proxied.body]).toEqual([200, expect.stringContaining(page)])
    },
  )

  test('its page can be forked', async () => {
    const forked = await alice.act(site, 'shared', { type: 'fork', site: 'other.wiki.test:8420', date: 1 })
    expect([forked.status, forked.body]).toEqual([200, 'ok'])
    expect((await new Visitor().ask(`${site}/shared.json`)).body).toContain(page)
  })

  test('its name opens no other port of this machine', async () => {
    const remote = await new Visitor().ask(`${site}/remote/other.wiki.test:${internal.port}/shared.json`)
    expect([remote.status, remote.body]).toEqual([200, expect.stringContaining(page)])
    expect(internal.asked).toEqual([])
  })

  test('nobody is led to the admin site, nor to a site that is not there', async () => {
    for (const host of [running.farm.adminHost, 'nobody.wiki.test']) {
      expect((await new Visitor().ask(`${site}/remote/${host}:80/welcome-visitors.json`)).status, host).toBe(
        500,
      )
    }
  })

  test('a site that nobody visited yet is opened once, however many ask for it elsewhere', async () => {
    await running.createSite('watched.wiki.test', 'bob')
    const timesOpened = async () => (await log()).split('FarmManager plugin server started').length - 1
    const owner = { name: 'bob', oauth2: { id: 'bob', username: 'bob' } }
    const body = { domain: 'asked-for.wiki.test', owner }
    const before = await timesOpened()
    await running.control('/plugin/farmmanager/sites', { method: 'POST', body })
    const remote = () => new Visitor().ask(`${site}/remote/asked-for.wiki.test/welcome-visitors.json`)
    await expect.poll(async () => (await remote()).status).toBe(200)
    const answers = await Promise.all(Array.from({ length: 12 }, remote))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    await expect.poll(timesOpened).toBe(before + 1)
  })
})

test('a redirect is judged like a request, hop by hop: here an allowed address stands in for a public one', async () => {
  await using farm = await startFarmUnderTest({ allowedNetworks: ['127.0.0.2/32'] })
  const there = await farm.createSite('there.wiki.test', 'bob')
  expect(await (await farm.signIn('there.wiki.test', 'bob')).writePage(there, 'shared', 'From there')).toBe(
    200,
  )
  const port: number = await serve('127.0.0.2', (req, res) => {
    const to: Record<string, string> = {
      '/once.json': `http://127.0.0.1:${internal.port}/secret.json`,
      '/twice.json': `http://127.0.0.2:${port}/once.json`,
      '/by-name.json': `http://localhost:${internal.port}/secret.json`,
      '/mapped.json': `http://[::ffff:127.0.0.1]:${internal.port}/secret.json`,
      '/encrypted.json': `https://127.0.0.1:${internal.port}/secret.json`,
      '/file.json': 'file:///etc/passwd',
      '/data.json': `data:application/json,${secret}`,
      '/to-the-farm.json': 'http://there.wiki.test/shared.json',
    }
    const location = to[req.url ?? '']
    if (location === undefined) res.setHeader('content-type', 'application/json').end('{"title":"allowed"}')
    else res.writeHead(302, { location }).end()
  })
  const remote = (slug: string) => new Visitor().ask(`${there}/remote/127.0.0.2:${port}/${slug}.json`)
  expect(await remote('plain')).toMatchObject({ status: 200, body: '{"title":"allowed"}' })
  expect((await remote('to-the-farm')).body).toContain('From there')
  for (const slug of ['once', 'twice', 'by-name', 'mapped', 'encrypted', 'file', 'data']) {
    const { status, body } = await remote(slug)
    expect([slug, status, body.includes('secret')]).toEqual([slug, 500, false])
  }
  expect(internal.asked).toEqual([])
})
