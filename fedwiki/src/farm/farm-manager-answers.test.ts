import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fedWikiSentences } from '@wikistead/contracts'
import { domain, failure, operations, owner, scripted, signal, site } from '../../test/scripted-client.ts'
import { answer, page, type Script } from '../../test/scripted-farm.ts'
import { FarmError, FarmFault } from './farm-error.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const noSite = answer(404, { error: 'Site not found' })

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
        expect(error).toMatchObject({ status, code, final: true, message: fedWikiSentences[code] })
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
    const { farm, client } = await scripted(started, page(status, { location: `${elsewhere.farm.baseUrl}/` }))
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
