import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Refusal, sentences } from '@wikistead/contracts'
import {
  clientFor,
  domain,
  failure,
  operations,
  owner,
  rules,
  scripted,
  signal,
  site,
  siteOperations,
  token,
} from '../test/scripted-client.ts'
import { adminHost, answer, byMethod, inTurn, page, type Script } from '../test/scripted-farm.ts'
import { FarmError, FarmFault } from './farm-error.ts'
import { FarmManagerClient } from './farm-manager-client.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const sitesPath = '/plugin/farmmanager/sites'
const sitePath = `${sitesPath}/${domain}`
const noSite = answer(404, { error: 'Site not found' })
const done = answer(200, { status: 'ok', message: 'Done.' })

describe('what a scripted farm is asked', () => {
  test('carries the admin host, the token and nothing that could be a method override', async () => {
    const { farm, client } = await scripted(started, answer(200, site))
    await client.getSite(domain, signal)
    const headers = {
      host: adminHost,
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      connection: 'keep-alive',
    }
    expect(farm.received).toEqual([{ method: 'GET', url: sitePath, body: '', headers }])
  })

  test('is one change and one reading back', async () => {
    const archived = { ...site, status: 'archived' }
    const { farm, client } = await scripted(
      started,
      byMethod({
        POST: answer(201, site),
        PUT: answer(200, { domain, owner }),
        PATCH: answer(200, archived),
        DELETE: done,
        GET: inTurn(
          answer(200, site),
          answer(200, archived),
          answer(200, archived),
          answer(200, site),
          noSite,
        ),
      }),
    )
    await expect(client.createSite(domain, owner, signal)).resolves.toMatchObject({ domain })
    await expect(client.archiveSite(domain, signal)).resolves.toBe('archived')
    await expect(client.setServing(domain, 'archived', signal)).resolves.toMatchObject({
      serving: 'archived',
    })
    await expect(client.replaceOwner(domain, owner, signal)).resolves.toMatchObject({
      owner: { name: 'Ada' },
    })
    await expect(client.removeSite(domain, signal)).resolves.toBe('removed')
    expect(farm.received.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', sitesPath, JSON.stringify({ domain, owner })],
      ['GET', sitePath, ''],
      ['DELETE', sitePath, ''],
      ['GET', sitePath, ''],
      ['PATCH', sitePath, '{"status":"archived"}'],
      ['GET', sitePath, ''],
      ['PUT', `/auth/wikistead/owners/${domain}`, JSON.stringify(owner)],
      ['GET', sitePath, ''],
      ['DELETE', `${sitePath}?hard=true`, ''],
      ['GET', sitePath, ''],
    ])
  })

  test('is nothing at all when the domain could be anything but a site of ours', async () => {
    const { farm, client } = await scripted(started, answer(200, site))
    const dangers = {
      invalid_domain: [
        ...['', '/', '%2F', '%2f', '..', '.', '../x', '..%2Fx', 'x/../y.test', './a.test', '\\', 'a\\b.test'],
        ...[
          'notes',
          'Notes.wiki.test',
          'notes.wiki.test.',
          '.wiki.test',
          'notes..wiki.test',
          'www.wiki.test',
        ],
        ...['notes.wiki.test:80', 'notes.wiki.test/', 'notes.wiki.test?hard=true', 'notes.wiki.test#x'],
        ...['notes.wiki.test\n', 'notes.wiki.test\0', ' notes.wiki.test', 'nötes.wiki.test', '*.wiki.test'],
        ...[
          '127.0.0.1',
          '[::1]',
          '__proto__',
          '__proto__.wiki.test',
          'constructor',
          '-a.wiki.test',
          'a-.wiki.test',
        ],
        ...[`${'a'.repeat(64)}.wiki.test`, `${'a.'.repeat(126)}test`],
      ],
      name_reserved: [
        'wiki.test',
        adminHost,
        'commons.wiki.test',
        'admin.wiki.test',
        'constructor.wiki.test',
      ],
    }
    for (const [code, domains] of Object.entries(dangers)) {
      for (const danger of domains) {
        for (const [name, operate] of Object.entries(siteOperations)) {
          const error = await failure(operate(client, danger))
          expect(error, `${name} ${JSON.stringify(danger)}`).toBeInstanceOf(Refusal)
          expect(error, `${name} ${JSON.stringify(danger)}`).toMatchObject({ code })
        }
      }
    }
    for (const nothing of [undefined, null, 7, {}, ['notes.wiki.test'], { toString: () => domain }]) {
      for (const operate of Object.values(siteOperations)) {
        expect(await failure(operate(client, nothing as string))).toMatchObject({ code: 'invalid_domain' })
      }
    }
    expect(farm.received).toEqual([])
    expect(farm.openings).toBe(0)
    expect(farm.sockets.size).toBe(0)
  })

  test('is nothing for the admin host by whatever port it is reached', async () => {
    const { farm, client } = await scripted(started, answer(200, site), {
      adminHost: 'control.example.org:8443',
    })
    expect(await failure(client.removeSite('control.example.org', signal))).toMatchObject({
      code: 'name_reserved',
    })
    expect(farm.sockets.size).toBe(0)
  })

  test('never makes a site without an owner', async () => {
    const { farm, client } = await scripted(started, answer(201, site))
    for (const nobody of [
      { name: '', oauth2: { id: 'x', username: 'x' } },
      { name: 'x', oauth2: { id: '', username: 'x' } },
      { name: 'x', oauth2: { id: 'x\n', username: 'x' } },
    ]) {
      expect(await failure(client.createSite(domain, nobody, signal))).toMatchObject({
        code: 'identity_needed',
      })
      expect(await failure(client.replaceOwner(domain, nobody, signal))).toMatchObject({
        code: 'identity_needed',
      })
    }
    expect(farm.received).toEqual([])
  })

  test('comes over connections that stay', async () => {
    const { farm, client } = await scripted(started, answer(200, site))
    for (let i = 0; i < 20; i++) await client.getSite(domain, signal)
    expect(farm.sockets.size).toBeLessThanOrEqual(2)
  })
})

describe('a site on a scripted farm', () => {
  test('is given back without the rest of what the farm tells', async () => {
    const fat = { ...site, owner: { ...owner, friend: { secret: 'hush' } }, path: '/srv/farm' }
    const { client } = await scripted(started, answer(200, fat))
    await expect(client.getSite(domain, signal)).resolves.toEqual({
      domain,
      serving: 'active',
      owner: { name: 'Ada', sub: 'sub-of-ada' },
      ownerless: false,
      pages: 3,
      storageBytes: 1234,
      lastModified: '2026-01-02T03:04:05.678Z',
    })
  })

  test.each([
    ['no owner.json', { name: 'Unknown' }, true],
    ['a name only', { name: 'Ada' }, false],
    ['an identity without a name', { name: 'Unknown', oauth2: { id: 'x' } }, false],
    ['another kind of owner', { name: 'Unknown', friend: { secret: 'hush' } }, false],
  ])('is ownerless or not: %s', async (_what, raw, ownerless) => {
    const { client } = await scripted(started, answer(200, { ...site, owner: raw }))
    await expect(client.getSite(domain, signal)).resolves.toMatchObject({ ownerless })
  })

  test.each([
    ['a number', { oauth2: { id: 7 } }],
    ['a list', { oauth2: { id: ['sub-of-ada'] } }],
    ['nothing', { oauth2: { id: '' } }],
    ['beyond 255 characters', { oauth2: { id: 'x'.repeat(256) } }],
    ['text instead of an object', { oauth2: 'sub-of-ada' }],
    ['inherited', JSON.parse('{"__proto__": {"oauth2": {"id": "sub-of-ada"}}}') as object],
  ])('has no subject when the one in owner.json is %s', async (_what, raw) => {
    const body = JSON.stringify({ ...site, owner: {} }).replace(
      '"owner":{}',
      `"owner":${JSON.stringify(raw)}`,
    )
    const { client } = await scripted(started, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    })
    const found = await client.getSite(domain, signal)
    expect(found?.owner).toEqual({ name: 'Unknown' })
    expect(found?.owner.sub).toBeUndefined()
  })

  test('is missing only by the word of FarmManager', async () => {
    const { client } = await scripted(started, noSite)
    await expect(client.getSite(domain, signal)).resolves.toBeUndefined()
    await expect(client.archiveSite(domain, signal)).resolves.toBe('absent')
    await expect(client.removeSite(domain, signal)).resolves.toBe('absent')
    await expect(client.setServing(domain, 'readonly', signal)).resolves.toBeUndefined()
    await expect(client.replaceOwner(domain, owner, signal)).resolves.toBeUndefined()
  })

  test.each<[string, Script]>([
    ['of another name', answer(200, { ...site, name: 'other.wiki.test' })],
    ['without a name', answer(200, { ...site, name: undefined })],
    ['in a state that there is not', answer(200, { ...site, status: 'on fire' })],
    ['with half a page', answer(200, { ...site, pages: 1.5 })],
    ['with pages in words', answer(200, { ...site, pages: 'three' })],
    ['with less than no bytes', answer(200, { ...site, storageBytes: -1 })],
    ['last modified some day', answer(200, { ...site, lastModified: 'some day' })],
    ['whose owner is text', answer(200, { ...site, owner: 'Ada' })],
    ['whose owner is a list', answer(200, { ...site, owner: ['Ada'] })],
    ['that is null', answer(200, null)],
    ['that is a list', answer(200, [site])],
    ['that is a page', page(200)],
    ['without a body', (_request, response) => response.writeHead(204).end()],
    [
      'that is no JSON',
      (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":'),
    ],
    ['of more than a megabyte', answer(200, { ...site, owner: { ...owner, friend: 'x'.repeat(1_100_000) } })],
  ])('is not believed when it is one %s', async (_what, script) => {
    const { client } = await scripted(started, script)
    const error = await failure(client.getSite(domain, signal))
    expect(error).toBeInstanceOf(FarmFault)
    expect(error).toMatchObject({ final: false, mayHaveReachedFarm: true })
  })
})

describe('a scripted farm that says no', () => {
  test.each([
    [401, 'farm_unauthorized'],
    [403, 'farm_forbidden'],
    [409, 'farm_conflict'],
    [400, 'farm_rejected'],
    [405, 'farm_rejected'],
    [413, 'farm_rejected'],
    [422, 'farm_rejected'],
    [451, 'farm_rejected'],
  ] as const)('is final about %i, in JSON and as a page', async (status, code) => {
    for (const script of [answer(status, { error: 'No' }), page(status)]) {
      const { farm, client } = await scripted(started, script)
      for (const operate of Object.values(operations)) {
        const error = await failure(operate(client, domain))
        expect(error).toBeInstanceOf(FarmError)
        expect(error).toMatchObject({ status, code, final: true, message: sentences[code] })
      }
      expect(farm.received.length).toBe(Object.keys(operations).length)
    }
  })

  test.each<[number, Record<string, string>, number | undefined]>([
    [408, {}, undefined],
    [425, {}, undefined],
    [429, { 'retry-after': '7' }, 7_000],
    [429, {}, undefined],
    [429, { 'retry-after': 'soon' }, undefined],
    [429, { 'retry-after': '999999999' }, 3_600_000],
    [429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [500, {}, undefined],
    [502, {}, undefined],
    [503, { 'retry-after': '1' }, 1_000],
    [504, {}, undefined],
  ])('is worth another try after %i %j', async (status, headers, retryAfterMs) => {
    for (const script of [page(status, headers), answer(status, { error: 'No' }, headers)]) {
      const { farm, client } = await scripted(started, script)
      for (const operate of [...Object.values(operations), () => client.capabilities(signal)]) {
        const error = await failure(operate(client, domain))
        expect(error).toBeInstanceOf(FarmFault)
        expect(error).toMatchObject({ status, retryAfterMs, final: false, mayHaveReachedFarm: true })
      }
      expect(farm.received.length).toBe(Object.keys(operations).length + 1)
    }
  })

  test('a date in Retry-After is counted from now', async () => {
    const { client } = await scripted(started, (request, response) => {
      page(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })(request, response)
    })
    const error = (await failure(client.getSite(domain, signal))) as FarmFault
    expect(error.retryAfterMs).toBeGreaterThan(1_000)
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  test.each([301, 302, 303, 307, 308])('is not followed where it redirects by %i', async (status) => {
    const elsewhere = await scripted(started, answer(200, site))
    const { farm, client } = await scripted(
      started,
      page(status, { location: elsewhere.farm.baseUrl + sitePath }),
    )
    for (const operate of Object.values(operations)) {
      expect(await failure(operate(client, domain))).toMatchObject({
        name: 'FarmFault',
        status,
        final: false,
      })
    }
    expect(farm.received.length).toBe(Object.keys(operations).length)
    expect(elsewhere.farm.received).toEqual([])
    expect(elsewhere.farm.sockets.size).toBe(0)
  })
})

describe('a change that a scripted farm says yes to', () => {
  test('is a conflict when the site that is there then is another owner’s', async () => {
    const { client } = await scripted(
      started,
      byMethod({
        POST: answer(201, site),
        GET: answer(200, { ...site, owner: { name: 'Ada', oauth2: { id: 'another', username: 'Ada' } } }),
      }),
    )
    const error = await failure(client.createSite(domain, owner, signal))
    expect(error).toBeInstanceOf(FarmError)
    expect(error).toMatchObject({ status: 409, code: 'farm_conflict' })
  })

  test.each<[string, Script]>([
    ['missing', noSite],
    ['ownerless', answer(200, { ...site, owner: { name: 'Unknown' } })],
  ])('has to be tried again when the site that was made is %s', async (_what, script) => {
    const { client } = await scripted(started, byMethod({ POST: answer(201, site), GET: script }))
    const error = await failure(client.createSite(domain, owner, signal))
    expect(error).toBeInstanceOf(FarmFault)
    expect(error).toMatchObject({ mayHaveReachedFarm: true })
  })

  test.each<[string, Script]>([
    ['a page', page(201)],
    ['200', answer(200, site)],
    ['nothing', (_request, response) => response.writeHead(204).end()],
  ])('has to be tried again when the yes to a creation is %s', async (_what, script) => {
    const { client } = await scripted(started, byMethod({ POST: script, GET: answer(200, site) }))
    expect(await failure(client.createSite(domain, owner, signal))).toMatchObject({
      name: 'FarmFault',
      mayHaveReachedFarm: true,
    })
  })

  test('has to be tried again when nothing changed', async () => {
    const { client } = await scripted(
      started,
      byMethod({
        DELETE: done,
        PATCH: answer(200, site),
        PUT: answer(200, {}),
        GET: answer(200, { ...site, owner: { name: 'Eve', oauth2: { id: 'sub-of-eve', username: 'Eve' } } }),
      }),
    )
    for (const change of [
      client.archiveSite(domain, signal),
      client.removeSite(domain, signal),
      client.setServing(domain, 'readonly', signal),
      client.replaceOwner(domain, owner, signal),
    ]) {
      const error = await failure(change)
      expect(error).toBeInstanceOf(FarmFault)
      expect(error).toMatchObject({ mayHaveReachedFarm: true })
    }
  })

  test('may have happened although it could not be read back', async () => {
    const { client } = await scripted(started, byMethod({ POST: answer(201, site), GET: page(502) }))
    expect(await failure(client.createSite(domain, owner, signal))).toMatchObject({
      name: 'FarmFault',
      status: 502,
      mayHaveReachedFarm: true,
    })
  })
})

describe('changes at once on a scripted farm', () => {
  test('wait for each other when they are of one domain, and only then', async () => {
    const underWay: string[] = []
    let most = 0
    const waiting: (() => void)[] = []
    const { client } = await scripted(started, (request, response) => {
      if (request.method === 'GET') return noSite(request, response)
      underWay.push(request.url)
      most = Math.max(most, underWay.filter((url) => url.includes('/one.')).length)
      waiting.push(() => {
        underWay.splice(underWay.indexOf(request.url), 1)
        done(request, response)
      })
    })
    const ones = Array.from({ length: 5 }, () => client.removeSite('one.wiki.test', signal))
    const other = client.removeSite('other.wiki.test', signal)
    await vi.waitFor(() => expect(waiting.length).toBe(2))
    let left = 6
    while (left > 0) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0))
      waiting.shift()?.()
      left--
    }
    await expect(Promise.all([...ones, other])).resolves.toEqual(Array(6).fill('removed'))
    expect(most).toBe(1)
  })

  test('let one leave the queue without letting the next past the first', async () => {
    const waiting: (() => void)[] = []
    const { farm, client } = await scripted(started, (request, response) => {
      if (request.method === 'GET') noSite(request, response)
      else waiting.push(() => done(request, response))
    })
    const leaving = new AbortController()
    const first = client.removeSite(domain, signal)
    const second = failure(client.removeSite(domain, leaving.signal))
    const third = client.removeSite(domain, signal)
    await vi.waitFor(() => expect(waiting.length).toBe(1))
    leaving.abort(new Error('enough'))
    expect(await second).toEqual(new Error('enough'))
    expect(farm.received.length).toBe(1)
    waiting.shift()?.()
    await expect(first).resolves.toBe('removed')
    await vi.waitFor(() => expect(waiting.length).toBe(1))
    waiting.shift()?.()
    await expect(third).resolves.toBe('removed')
  })
})

describe('the security package of a scripted farm', () => {
  const ours = {
    package: 'wiki-security-wikistead',
    version: '0.1.0',
    rereadsOwner: true,
    oauth2_IdField: 'params.user_id',
    wikiDomains: {
      test: { oauth2_IdField: 'token.other' },
      'wiki.test': { oauth2_IdField: 'token.sub' },
      'i.test': { oauth2_IdField: 'token.wrong' },
    },
  }

  test('says what it can do, with the settings of our domain', async () => {
    const { farm, client } = await scripted(
      started,
      inTurn(
        answer(200, ours),
        answer(200, { ...ours, wikiDomains: {} }),
        answer(200, {
          ...ours,
          oauth2_IdField: null,
          wikiDomains: { 'wiki.test': { oauth2_IdField: null } },
        }),
      ),
    )
    const shared = { rereadsOwner: true, package: 'wiki-security-wikistead@0.1.0' }
    await expect(client.capabilities(signal)).resolves.toEqual({ ...shared, oauth2IdField: 'token.sub' })
    await expect(client.capabilities(signal)).resolves.toEqual({ ...shared, oauth2IdField: 'params.user_id' })
    await expect(client.capabilities(signal)).resolves.toEqual(shared)
    expect(farm.received[0]).toMatchObject({ method: 'GET', url: '/auth/wikistead' })
  })

  test.each<[string, Script]>([
    ['a page that is not there', page(404)],
    ['a page', page(200)],
    ['other JSON', answer(200, { rereadsOwner: 'yes' })],
    ['a no', answer(403, { error: 'Admin access required' })],
    ['a redirect', page(302, { location: '/login' })],
  ])('can do nothing when the answer is %s', async (_what, script) => {
    const { client } = await scripted(started, script)
    await expect(client.capabilities(signal)).resolves.toEqual({ rereadsOwner: false })
  })

  test.each<[string, Script]>([
    ['a page', page(404)],
    ['JSON', answer(404, { error: 'Nothing is served here' })],
  ])('is missing when there is no route to change an owner: %s', async (_what, script) => {
    const { client } = await scripted(started, script)
    const error = await failure(client.replaceOwner(domain, owner, signal))
    expect(error).toBeInstanceOf(Refusal)
    expect(error).toMatchObject({ code: 'owner_change_unsupported' })
  })
})

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

test('a client is not made with settings that could not work, and says so without the token', () => {
  const baseUrl = 'http://127.0.0.1:1'
  for (const wrong of [{ baseUrl: 'ftp://farm.test' }, { baseUrl: 'nowhere' }, { adminHost: 'a b' }]) {
    expect(() => new FarmManagerClient({ baseUrl, adminHost, token, rules, ...wrong })).toThrow()
  }
  for (const badToken of ['', 'two words', 'line\nbreak', 'tökén']) {
    expect(() => clientFor(started, baseUrl, { token: badToken })).toThrow(/^The token of the farm must be/)
  }
})
