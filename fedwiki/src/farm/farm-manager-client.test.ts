import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '@wikistead/contracts'
import {
  clientFor,
  domain,
  failure,
  owner,
  rules,
  scripted,
  signal,
  site,
  siteOperations,
  token,
} from '../../test/scripted-client.ts'
import { adminHost, answer, byMethod, inTurn, page, type Script } from '../../test/scripted-farm.ts'
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
        ...[
          '',
          '/',
          '%2F',
          '%2f',
          '../..',
          '.',
          '../x',
          '..%2Fx',
          'x/../y.test',
          './a.test',
          '\\',
          'a\\b.test',
        ],
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
        answer(200, { ...ours, holdsConnections: true, wikiDomains: {} }),
        answer(200, {
          ...ours,
          oauth2_IdField: null,
          wikiDomains: { 'wiki.test': { oauth2_IdField: null } },
        }),
      ),
    )
    const shared = { rereadsOwner: true, package: 'wiki-security-wikistead@0.1.0' }
    await expect(client.capabilities(signal)).resolves.toEqual({ ...shared, oauth2IdField: 'token.sub' })
    await expect(client.capabilities(signal)).resolves.toEqual({
      ...{ ...shared, holdsConnections: true, oauth2IdField: 'params.user_id' },
    })
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

test('a client is not made with settings that could not work, and says so without the token', () => {
  const baseUrl = 'http://127.0.0.1:1'
  for (const wrong of [{ baseUrl: 'ftp://farm.test' }, { baseUrl: 'nowhere' }, { adminHost: 'a b' }]) {
    expect(() => new FarmManagerClient({ baseUrl, adminHost, token: () => token, rules, ...wrong })).toThrow()
  }
  for (const badToken of ['', 'two words', 'line\nbreak', 'tökén']) {
    expect(() => clientFor(started, baseUrl, { token: () => badToken })).toThrow(
      /^The token of the farm must be/,
    )
  }
})
