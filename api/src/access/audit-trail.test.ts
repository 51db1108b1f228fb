import type { AuditEntry } from '@wikistead/contracts'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let ada: Asker
  let operator: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine })
    ada = await api.user('ada')
    operator = await api.user('operator', 'operator')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const entries = async (query = ''): Promise<AuditEntry[]> => {
    const { body } = await api.ask('GET', `/v1/audit?limit=200${query}`, { as: operator })
    return body['entries'] as AuditEntry[]
  }
  /** What was written since. */
  async function written(act: () => Promise<unknown>): Promise<AuditEntry[]> {
    const before = (await entries())[0]?.id ?? 0
    await act()
    return (await entries()).filter(({ id }) => id > before).reverse()
  }

  test('a write is one row: who, by what, what, about what and how it ended', async () => {
    const { wiki_id: id } = await api.wiki(ada, 'audited.wiki.test')
    const path = `/v1/wikis/${String(id)}`
    const rows = await written(() => api.ask('PATCH', path, { as: ada, body: { name: 'Renamed' } }))
    expect(rows).toEqual([
      {
        ...{ id: expect.any(Number) as number, at: expect.stringContaining('T') as string },
        ...{ actor: { id: ada.id, name: 'ada' }, by: 'token', action: 'PATCH /v1/wikis/:id' },
        ...{ subject: `wiki/${String(id)}`, subject_name: 'Renamed', status: 200, code: null },
        request_id: expect.any(String) as string,
        address: '127.0.0.1',
        reason: null,
      },
    ])
  })

  test('of a suspension it says why, and who was refused its end', async () => {
    const { wiki_id: id } = await api.wiki(ada, 'suspended.wiki.test', { taskId: 'at-work' })
    const path = `/v1/wikis/${String(id)}/suspension`
    const operator = await api.user('suspender', 'operator')
    const rows = await written(async () => {
      await api.ask('PUT', path, { as: operator, body: { reason: 'Spam.' } })
      await api.ask('DELETE', path, { as: ada })
      await api.ask('DELETE', path, { as: operator })
    })
    const subject = `wiki/${String(id)}`
    expect(rows.map(({ action, status, reason, subject: of }) => [action, status, reason, of])).toEqual(
      expect.arrayContaining([
        ['suspend', 200, 'Spam.', subject],
        ['lift_suspension', 403, null, subject],
        ['lift_suspension', 200, null, subject],
      ]),
    )
  })

  test.each([
    ['nobody known', undefined, { name: 'x' }, 401, 'unauthenticated'],
    ['somebody else', 'operator-less', { name: 'x' }, 403, 'forbidden'],
    ['a body that is none', 'ada', { nonsense: 1 }, 400, 'invalid_request'],
  ])('a write that is refused is a row as well: %s', async (_, who, body, status, code) => {
    const { wiki_id: id } = await api.wiki(ada, `${code}.wiki.test`)
    const as = who === undefined ? undefined : who === 'ada' ? ada : await api.user('stranger')
    const rows = await written(() => api.ask('PATCH', `/v1/wikis/${String(id)}`, { as, body }))
    expect(rows).toMatchObject([{ status, code, subject: `wiki/${String(id)}` }])
    expect(rows[0]?.actor?.id).toBe(as?.id)
  })

  test('what is only read, and what is no route, is not in it', async () => {
    const rows = await written(async () => {
      await api.ask('GET', '/v1/wikis', { as: ada })
      await api.ask('GET', '/v1/users', { as: ada })
      await api.ask('POST', '/v1/no-such-thing', { as: ada, body: {} })
    })
    expect(rows).toEqual([])
  })

  test('what is made is named, and no secret and no body is kept', async () => {
    const body = { label: 'a-label-of-mine', scopes: ['read'] }
    let secret = ''
    const rows = await written(async () => {
      const made = await api.ask('POST', '/v1/tokens', { as: ada, body })
      secret = String((made.body as { secret: string }).secret)
      await api.ask('POST', '/v1/wikis', { as: ada, body: { engine: 'fedwiki', domain: 'made' } })
    })
    expect(rows).toMatchObject([
      { action: 'POST /v1/tokens', subject: expect.stringMatching(/^token\/[\da-f]{32}$/) as string },
      { action: 'POST /v1/wikis', subject: expect.stringMatching(/^wiki\/\d+$/) as string, status: 202 },
    ])
    const all = JSON.stringify(await entries())
    for (const hidden of [secret, ada.token, 'a-label-of-mine']) expect(all).not.toContain(hidden)
  })

  test('a sign-in is in it, also one that failed, and a sign-out', async () => {
    const link = await api.ask('POST', '/auth/local', { as: await api.user('root', 'admin') })
    const url = new URL((link.body as { url: string }).url)
    let cookie = ''
    const rows = await written(async () => {
      await api.ask('GET', '/auth/local?token=not-a-link')
      const answer = await api.ask('GET', `${url.pathname}${url.search}`)
      cookie = String([answer.headers['set-cookie']].flat()[0]).split(';')[0] ?? ''
    })
    expect(rows).toMatchObject([
      { action: 'sign_in', actor: null, code: expect.any(String) as string },
      { action: 'sign_in', actor: { name: 'root' }, by: 'session', code: null },
    ])
    expect(JSON.stringify(rows)).not.toContain(url.searchParams.get('token') ?? 'no token')
    const session = await api.ask('GET', '/v1/session', { headers: { cookie } })
    const headers = { cookie, 'x-csrf-token': String((session.body as { csrf_token: string }).csrf_token) }
    const out = await written(() => api.ask('POST', '/auth/sign-out', { headers }))
    expect(out).toMatchObject([{ action: 'sign_out', actor: { name: 'root' }, by: 'session', status: 200 }])
  })

  test('it is asked by who, what and about what, in pages', async () => {
    const bob = await api.user('bob')
    for (let n = 0; n < 5; n += 1) await api.ask('DELETE', '/v1/tokens/none', { as: bob })
    const query = `actor=${String(bob.id)}&action=${encodeURIComponent('DELETE /v1/tokens/:id')}&subject=token%2Fnone`
    const seen: number[] = []
    let cursor = ''
    do {
      const { body } = await api.ask('GET', `/v1/audit?limit=2&${query}${cursor}`, { as: operator })
      seen.push(...(body['entries'] as AuditEntry[]).map(({ id }) => id))
      cursor = body['next_cursor'] === null ? '' : `&cursor=${body['next_cursor'] as string}`
    } while (cursor !== '')
    expect([seen.length, new Set(seen).size]).toEqual([5, 5])
    expect(await entries('&action=nothing')).toEqual([])
    expect((await api.ask('GET', '/v1/audit', { as: bob })).status).toBe(403)
  })
})

test('a row that could not be written is owed: until it is, nothing else is changed, and it is not lost', async () => {
  await using api = await startApiUnderTest({ storeEngine: 'sqlite' })
  const operator = await api.user('operator', 'operator')
  const { wiki_id: id } = await api.wiki(operator, 'owed.wiki.test')
  const rename = async (name: string) => {
    const { status } = await api.ask('PATCH', `/v1/wikis/${String(id)}`, { as: operator, body: { name } })
    return [status, (await api.store.wikis.get(id)).name]
  }
  if (api.storeConfig.engine !== 'sqlite') throw new Error('another engine')
  const database = new DatabaseSync(api.storeConfig.filename)
  database.exec("create trigger full before insert on wikifarm_audit begin select raise(abort, 'full'); end")
  // Under way when the first row failed: it is done, and says so.
  expect(await rename('One')).toEqual([200, 'One'])
  expect(await rename('Two')).toEqual([503, 'One'])
  // What is only read goes on.
  expect((await api.ask('GET', '/v1/audit', { as: operator })).body).toMatchObject({ entries: [] })
  database.exec('drop trigger full')
  database.close()
  expect(await rename('Three')).toEqual([200, 'Three'])
  const { body } = await api.ask('GET', '/v1/audit', { as: operator })
  const statuses = (body['entries'] as AuditEntry[]).map(({ status }) => status)
  expect(statuses).toEqual([200, 503, 200])
})
