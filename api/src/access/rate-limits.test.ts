import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { localCounter } from './rate-counter.ts'

let api: ApiUnderTest
let now: number
let ada: Asker
const started = new AsyncDisposableStack()
beforeEach(async () => {
  now = 1_000_000
  const rateLimits = { user: 8, address: 5, costly: 2, counter: localCounter(() => now) }
  api = started.use(await startApiUnderTest({ deps: { rateLimits, trustedProxies: ['127.0.0.1'] } }))
  ada = await api.user('ada')
})
afterAll(() => started.disposeAsync())

type Asked = Parameters<ApiUnderTest['ask']>[2]
async function times(count: number, method: 'GET' | 'POST', path: string, asked: Asked = {}) {
  const statuses: number[] = []
  for (let n = 0; n < count; n += 1) statuses.push((await api.ask(method, path, asked)).status)
  return statuses
}
const limited = (statuses: number[]) => statuses.filter((status) => status === 429).length

test('a user may ask so often a minute, whatever token they use; then they are told until when', async () => {
  const token = await api.store.tokens.issue(ada.id, { label: 'second' })
  expect(limited(await times(4, 'GET', '/v1/users/me', { as: ada }))).toBe(0)
  expect(limited(await times(4, 'GET', '/v1/users/me', { as: { ...ada, token } }))).toBe(0)
  now += 20_000
  const { status, headers, body } = await api.ask('GET', '/v1/wikis', { as: ada })
  expect([status, body['code'], headers['retry-after']]).toEqual([429, 'rate_limited', '40'])
  expect(body['details']).toEqual({ retry_after_seconds: 40 })
  // Nobody else pays for it.
  expect(limited(await times(8, 'GET', '/v1/users/me', { as: await api.user('bob') }))).toBe(0)
  now += 40_000
  expect(limited(await times(1, 'GET', '/v1/wikis', { as: ada }))).toBe(0)
})

test('who is not known is counted by address, also with a token that does not hold', async () => {
  const as = { id: 0, token: 'guessed' }
  expect(await times(3, 'GET', '/v1/users/me', { as })).toEqual([401, 401, 401])
  expect(await times(4, 'GET', '/v1/wikis')).toEqual([200, 200, 429, 429])
  expect((await api.ask('GET', '/v1/users/me', { as })).body['code']).toBe('rate_limited')
  // Another address, as a proxy that is named tells it.
  expect(await times(1, 'GET', '/v1/wikis', { headers: { 'x-forwarded-for': '192.0.2.7' } })).toEqual([200])
  // One who can have as many addresses as they like within their network is one.
  const from = (last: string) => ({ headers: { 'x-forwarded-for': `2001:db8:1:2::${last}` } })
  const found = []
  for (let n = 1; n <= 6; n += 1) found.push((await times(1, 'GET', '/v1/wikis', from(String(n))))[0])
  expect(found).toEqual([200, 200, 200, 200, 200, 429])
})

test('what costs much has limits of its own, each apart from the others', async () => {
  const body = { engine: 'fedwiki', domain: 'Not A Name' }
  expect(await times(3, 'POST', '/v1/wikis', { as: ada, body })).toEqual([400, 400, 429])
  expect(await times(3, 'GET', '/v1/transfers/x', { as: ada })).toEqual([404, 404, 429])
  expect(await times(1, 'GET', '/v1/names/fedwiki/x', { as: ada })).toEqual([200])
})

test('sign-ins that fail are counted by address, and keep nobody out who has what nobody guesses', async () => {
  const root = await api.user('root', 'admin')
  const { url } = (await api.ask('POST', '/auth/local', { as: root })).body as { url: string }
  expect(await times(4, 'GET', '/auth/local?token=guessed')).toEqual([410, 410, 429, 429])
  const page = { headers: { accept: 'text/html' } }
  const told = await api.ask('GET', '/auth/local?token=guessed', page)
  expect(told.headers['location']).toBe('/sign-in?error=rate_limited')
  expect(await times(1, 'GET', new URL(url).pathname + new URL(url).search)).toEqual([302])
  // Beginning to sign in costs little, and may be done as often as anything.
  expect(limited(await times(6, 'GET', '/auth/sign-in'))).toBe(1)
})

test('without a proxy that is named, nothing that a visitor says of themselves makes them another', async () => {
  await using unproxied = await startApiUnderTest({
    deps: { rateLimits: { user: 8, address: 5, costly: 2, counter: localCounter() } },
  })
  const statuses: number[] = []
  for (let n = 0; n < 9; n += 1) {
    const headers = { 'x-forwarded-for': `198.51.100.${String(n)}`, forwarded: `for=198.51.100.${String(n)}` }
    statuses.push((await unproxied.ask('GET', '/v1/wikis', { headers })).status)
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429])
  expect(
    (await unproxied.ask('GET', '/v1/address', { headers: { 'x-forwarded-for': '192.0.2.1' } })).body,
  ).toEqual({
    address: '127.0.0.1',
  })
})

test('health is never limited, and a stream that was opened goes on', async () => {
  expect(limited(await times(20, 'GET', '/healthz'))).toBe(0)
  await api.store.transaction(async ({ tasks }) => {
    await tasks.insert({
      ...{ taskId: 'followed', kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: ada.id },
      ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
    })
  })
  const stream = api.ask('GET', '/v1/tasks/followed/events', { as: ada })
  expect(limited(await times(10, 'GET', '/v1/users/me', { as: ada }))).toBeGreaterThan(0)
  const event = { type: 'status', status: 'failed', code: 'fault' } as const
  await api.store.transaction(({ tasks }) => tasks.append({ taskId: 'followed', run: 1, event }))
  expect((await stream).text).toContain('event: status')
})

test('who goes on is in the audit log once a minute', async () => {
  await times(9, 'POST', '/v1/wikis', { as: ada, body: {} })
  const rows = await api.store.audit.list({ limit: 50 })
  expect(rows.map(({ status }) => status)).toEqual([429, 400, 400])
})
