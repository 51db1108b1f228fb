import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { domain, failure, owner, scripted, signal, site } from '../../test/scripted-client.ts'
import { adminHost, answer, type Script } from '../../test/scripted-farm.ts'
import { FarmFault } from './farm-error.ts'
import type { Site } from './farm-manager-answers.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const named = (name: string) => ({ ...site, name })

/** An answer of these bytes, cut into pieces of the given size. */
function bytes(body: string | Buffer, pieceSize = Infinity): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const buffer = Buffer.from(body)
    for (let at = 0; at < buffer.length; at += pieceSize) response.write(buffer.subarray(at, at + pieceSize))
    response.end()
  }
}

async function list(script: Script, maxListBytes = 1_000_000) {
  const { client } = await scripted(started, script, { maxListBytes })
  const sites: Site[] = []
  const summary = await client.listSites((batch) => void sites.push(...batch), signal)
  return { sites, summary }
}

describe('the list of a scripted farm', () => {
  test('gives back its sites without the rest of their owner.json', async () => {
    const others = { friend: { secret: 'hush' }, deep: [[[{ name: 'x', oauth2: { id: 'x' } }]]], flag: true }
    const { sites, summary } = await list(
      answer(200, [
        { ...site, owner: { ...others, ...owner, ...others }, extra: { name: 'x' } },
        {
          name: 'two.wiki.test',
          owner: { name: 'Unknown' },
          pages: 0,
          status: 'archived',
          lastModified: null,
        },
        { ...named('three.wiki.test'), owner: { name: 'Unknown', ...others }, status: 'readonly' },
      ]),
    )
    const { storageBytes, lastModified, pages } = site
    expect(sites).toEqual([
      {
        ...{ domain, serving: 'active', owner: { name: 'Ada', sub: 'sub-of-ada' }, ownerless: false },
        ...{ pages, storageBytes, lastModified },
      },
      { domain: 'two.wiki.test', serving: 'archived', owner: { name: 'Unknown' }, ownerless: true, pages: 0 },
      {
        ...{ domain: 'three.wiki.test', serving: 'readonly', owner: { name: 'Unknown' }, ownerless: false },
        ...{ pages, storageBytes, lastModified },
      },
    ])
    expect(summary).toEqual({ sites: 3, skipped: { reserved: 0, notADomain: 0 } })
  })

  test('is the same in pieces of any size', async () => {
    const body = JSON.stringify([
      {
        ...named('one.wiki.test'),
        owner: { name: 'Ädä "\\ \u0007 𝄞', oauth2: { id: 'sub\\"𝄞' }, x: [1e-7, '\\'] },
      },
      named('two.wiki.test'),
    ])
    const whole = await list(bytes(body))
    expect(whole.sites.map(({ owner }) => owner)).toEqual([
      // A name with a control character is none.
      { name: 'Unknown', sub: 'sub\\"𝄞' },
      { name: 'Ada', sub: 'sub-of-ada' },
    ])
    for (const size of [1, 2, 3, 7, 64]) await expect(list(bytes(body, size))).resolves.toEqual(whole)
  })

  test('may be empty, which is not the same as no answer', async () => {
    const { sites, summary } = await list(bytes(' [ ] \n'))
    expect(sites).toEqual([])
    expect(summary).toEqual({ sites: 0, skipped: { reserved: 0, notADomain: 0 } })
  })

  test('leaves out what is not ours, and counts it', async () => {
    const names = [
      ...[
        'wiki.test',
        adminHost,
        'commons.wiki.test',
        'www2.wiki.test',
        'a.b.wiki.test',
        'custom.example.org',
      ],
      ...[
        'localhost',
        'WWW.wiki.test',
        'www.wiki.test',
        '127.0.0.1',
        'x.wiki.test.',
        '__proto__',
        'lost+found',
      ],
    ]
    const { sites, summary } = await list(answer(200, names.map(named)))
    expect(sites.map(({ domain }) => domain)).toEqual([
      'www2.wiki.test',
      'a.b.wiki.test',
      'custom.example.org',
    ])
    expect(summary).toEqual({ sites: 3, skipped: { reserved: 3, notADomain: 7 } })
  })

  test('takes from owner.json nothing that is only inherited, and the last of what is there twice', async () => {
    const body = JSON.stringify([site]).replace(
      JSON.stringify(owner),
      '{"oauth2":{"id":"first"},"__proto__":{"name":"Eve","oauth2":{"id":"sub-of-eve"}},"oauth2":{"__proto__":{"id":"sub-of-eve"}}}',
    )
    const { sites } = await list(bytes(body))
    expect(sites[0]?.owner).toEqual({ name: 'Unknown' })
    expect(sites[0]?.owner.sub).toBeUndefined()
    expect(sites[0]?.ownerless).toBe(false)
  })

  test.each<[string, object]>([
    ['a number', { name: 7, oauth2: { id: 7 } }],
    ['nothing', { name: null, oauth2: { id: null } }],
    ['a list', { name: ['Ada'], oauth2: ['id', 'sub'] }],
    ['an object', { name: { oauth2: { id: 'x' } }, oauth2: { id: { id: 'x' } } }],
    ['text instead of an object', { name: true, oauth2: 'sub' }],
    ['too long', { name: 'x'.repeat(300), oauth2: { id: 'x'.repeat(300) } }],
    ['endless', { name: 'x'.repeat(100_000), oauth2: { id: 'x'.repeat(100_000) } }],
  ])('knows no owner where owner.json has %s', async (_what, raw) => {
    const { sites } = await list(answer(200, [{ ...site, owner: raw }]))
    expect(sites[0]).toMatchObject({ domain, owner: { name: 'Unknown' }, ownerless: false })
    expect(sites[0]?.owner).toEqual({ name: 'Unknown' })
  })
})

describe('the list of a scripted farm is not believed', () => {
  const two = JSON.stringify([named('one.wiki.test'), named('two.wiki.test')])

  test('when it ends early, wherever that is', async () => {
    for (let length = 0; length < two.length; length += 3) {
      const error = await failure(list(bytes(two.slice(0, length))))
      expect(error, String(length)).toBeInstanceOf(FarmFault)
      expect(error, String(length)).toMatchObject({ final: false })
    }
  })

  test('when the connection breaks, and what came before is known to be half', async () => {
    const { client } = await scripted(started, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const many = Array.from({ length: 1_200 }, (_, i) => JSON.stringify(named(`s${i}.wiki.test`)))
      response.write(`[${many.join()}`, () => response.destroy())
    })
    let received = 0
    const error = await failure(client.listSites((batch) => void (received += batch.length), signal))
    expect(error).toBeInstanceOf(FarmFault)
    expect(received).toBeLessThanOrEqual(1_200)
  })

  test.each<[string, unknown]>([
    ['an object', { sites: [] }],
    ['an error with status 200', { error: 'Failed to list sites' }],
    ['nothing', null],
    ['text', 'sites'],
    ['a number', 7],
    ['a list of names', ['one.wiki.test']],
    ['a list of nothing', [null]],
    ['a list of lists', [[site]]],
    ['a list with an empty object', [site, {}]],
    ['a site without a name', [{ ...site, name: undefined }]],
    ['a site whose name is a number', [{ ...site, name: 7 }]],
    ['a site whose name is an object', [{ ...site, name: { x: 1 } }]],
    ['a site whose name is endless', [{ ...site, name: 'x'.repeat(100_000) }]],
    ['a site in a state that there is not', [{ ...site, status: 'inactive' }]],
    ['a site with pages in words', [{ ...site, pages: '3' }]],
    ['a site with pages below zero', [{ ...site, pages: -3 }]],
    ['a site with endless pages', [{ ...site, pages: 1e300 }]],
    ['a site with pages in a list', [{ ...site, pages: [3] }]],
    ['a site last modified some day', [{ ...site, lastModified: 'some day' }]],
    ['a site whose owner is text', [{ ...site, owner: 'Ada' }]],
    ['a site whose owner is a list', [{ ...site, owner: [owner] }]],
    ['a site without an owner', [{ ...site, owner: undefined }]],
    ['one site twice', [named('one.wiki.test'), site, named('one.wiki.test')]],
  ])('when it is %s', async (_what, body) => {
    const error = await failure(list(answer(200, body)))
    expect(error).toBeInstanceOf(FarmFault)
    expect(error).toMatchObject({ final: false, status: 200 })
  })

  test.each<[string, Script]>([
    ['has something after its end', bytes(`${two}{}`)],
    ['comes twice', bytes(two + two)],
    ['has a comma too many', bytes(two.replace(/]$/, ',]'))],
    ['is nested without end', bytes(`[{"x":${'['.repeat(100_000)}`)],
    ['is no UTF-8', bytes(Buffer.concat([Buffer.from('[{"name":"'), Buffer.from([0xff, 0xfe, 0xc0])]))],
    ['is longer than allowed', bytes(`[${' '.repeat(1_000_000)}]`)],
    ['is a page', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('[]')],
    ['has no body', (_request, response) => response.writeHead(204).end()],
    ['is empty', bytes('')],
    ['is no type at all', (_request, response) => response.writeHead(200).end('[]')],
  ])('when it %s', async (_what, script) => {
    const error = await failure(list(script))
    expect(error).toBeInstanceOf(FarmFault)
    expect(error).toMatchObject({ final: false })
  })
})

test('the error of whoever receives a list passes, and a scripted farm is let go', async () => {
  let closed = false
  const { client } = await scripted(started, (_request, response) => {
    response.on('close', () => (closed = true))
    response.writeHead(200, { 'content-type': 'application/json' })
    const many = Array.from({ length: 600 }, (_, i) => JSON.stringify(named(`s${i}.wiki.test`)))
    response.write(`[${many.join()}`)
  })
  const full = new Error('the disk is full')
  expect(await failure(client.listSites(() => Promise.reject(full), signal))).toBe(full)
  await expect.poll(() => closed).toBe(true)
})

test('10,000 sites with a fat owner.json of a scripted farm pass in bounded memory', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const count = 10_000
  const fat = JSON.stringify({ ...owner, friend: { secret: 'hush' }, biography: 'fat '.repeat(4_000) })
  const total = count * fat.length
  const { client } = await scripted(started, (_request, response) => {
    void (async () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      for (let i = 0; i < count; i++) {
        const one = JSON.stringify(named(`s${i}.wiki.test`)).replace(JSON.stringify(owner), fat)
        if (!response.write(`${i === 0 ? '[' : ','}${one}`)) await once(response, 'drain')
      }
      response.end(']')
    })()
  })
  const before = held()
  let most = 0
  let received = 0
  const summary = await client.listSites(async (batch) => {
    received += batch.length
    // Whoever receives takes its time: the rest must wait at the farm, not here.
    await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, held() - before)
  }, signal)
  expect(summary).toEqual({ sites: count, skipped: { reserved: 0, notADomain: 0 } })
  expect(received).toBe(count)
  expect(total).toBeGreaterThan(150_000_000)
  expect(most).toBeLessThan(total / 5)
})
