/** Sessions of browsers, from the one-time link to their end. */
import { startApiUnderTest, testPublicUrl, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLocalLink } from './local-link.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApiUnderTest()
})
afterAll(() => api[Symbol.asyncDispose]())

let count = 0
const newUser = (role?: 'admin' | 'operator') => api.user(`user ${String(count++)}`, role)

async function linkFor(userId: number): Promise<string> {
  const { url } = await makeLocalLink(api.store, testPublicUrl, userId)
  expect(url.startsWith(`${testPublicUrl}/auth/local?token=`)).toBe(true)
  return url.slice(testPublicUrl.length)
}

async function signedIn(userId: number): Promise<Browser> {
  const browser = new Browser(api, testPublicUrl)
  const answer = await browser.ask('GET', await linkFor(userId))
  expect([answer.status, answer.headers['location']]).toEqual([302, '/'])
  return browser
}

const nobody = {
  ...{ user: null, csrf_token: null, expires_at: null, fresh_until: null, sign_in_again: null },
}

describe('the one-time link', () => {
  test('signs its user in, once', async () => {
    const { id } = await newUser()
    const link = await linkFor(id)
    const browser = new Browser(api, testPublicUrl)
    expect((await browser.ask('GET', '/v1/session')).body).toEqual(nobody)
    const answer = await browser.ask('GET', link)
    expect(answer).toMatchObject({
      status: 302,
      headers: { location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    })
    expect(answer.headers['set-cookie']).toMatch(
      /^wikistead-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    expect((await browser.ask('GET', '/v1/session')).body).toMatchObject({
      user: { id },
      csrf_token: expect.stringMatching(/^[\w-]{43}$/) as string,
    })
    const second = await new Browser(api, testPublicUrl).ask('GET', link)
    expect([second.status, second.body['code'], second.headers['set-cookie']]).toEqual([
      ...[410, 'link_expired', undefined],
    ])
  })

  test('a page is shown to people when it does not, and nobody is signed in', async () => {
    const browser = new Browser(api, testPublicUrl)
    for (const path of ['/auth/local', '/auth/local?token=', '/auth/local?token=made-up']) {
      const answer = await browser.ask('GET', path, { headers: { accept: 'text/html,*/*' } })
      expect([answer.status, answer.headers['location']]).toEqual([302, '/sign-in?error=link_expired'])
    }
    expect(await browser.cookies()).toEqual({})
  })

  test('is over after a quarter of an hour', async () => {
    const { id } = await newUser()
    const link = new URL(await linkFor(id), testPublicUrl)
    const token = link.searchParams.get('token') ?? ''
    expect(await api.store.once.take('local_link', token, Date.now() + 15 * 60_000)).toBeUndefined()
    expect((await api.ask('GET', link.pathname + link.search)).status).toBe(410)
  })

  test('is not for who is blocked', async () => {
    const { id } = await newUser()
    const link = await linkFor(id)
    await api.store.users.setBlocked(id, true)
    const answer = await api.ask('GET', link)
    expect([answer.status, answer.body['code']]).toEqual([403, 'blocked'])
  })

  test('is made for admins, by a token that may administer', async () => {
    const admin = await newUser('admin')
    const made = await api.ask('POST', '/auth/local', { as: admin })
    expect(made.status).toBe(201)
    const browser = new Browser(api, testPublicUrl)
    await browser.ask('GET', String(made.body['url']).slice(testPublicUrl.length))
    expect((await browser.ask('GET', '/v1/session')).body).toMatchObject({ user: { id: admin.id } })
    const token = await api.store.tokens.issue(admin.id, { label: 'x', scopes: ['read', 'wikis', 'operate'] })
    const narrow = { ...admin, token }
    for (const as of [undefined, await newUser(), await newUser('operator'), narrow]) {
      expect([401, 403]).toContain((await api.ask('POST', '/auth/local', { as })).status)
    }
  })
})

describe('a session', () => {
  test('acts for its user as a token does', async () => {
    const owner = await newUser()
    const wiki = await api.wiki(owner, 'of-a-session.wiki.test')
    const browser = await signedIn(owner.id)
    const renamed = await browser.act('PATCH', `/v1/wikis/${String(wiki.wiki_id)}`, { name: 'Renamed' })
    expect([renamed.status, renamed.body['name']]).toEqual([200, 'Renamed'])
    const other = await signedIn((await newUser()).id)
    expect((await other.act('PATCH', `/v1/wikis/${String(wiki.wiki_id)}`, { name: 'Mine' })).status).toBe(403)
  })

  test('is another after each sign-in, and the one before has ended', async () => {
    const { id } = await newUser()
    const browser = await signedIn(id)
    const before = await browser.cookies()
    const csrf = (await browser.ask('GET', '/v1/session')).body['csrf_token']
    await browser.ask('GET', await linkFor(id))
    expect((await browser.cookies())['wikistead-session']).not.toBe(before['wikistead-session'])
    expect((await browser.ask('GET', '/v1/session')).body['csrf_token']).not.toBe(csrf)
    const thief = new Browser(api, testPublicUrl)
    await thief.keep(`wikistead-session=${before['wikistead-session'] ?? ''}; Path=/`)
    expect(await thief.who()).toBeUndefined()
    expect(await api.store.sessions.of(id)).toHaveLength(1)
  })

  test('a cookie that somebody planted before the sign-in is not taken over', async () => {
    const { id } = await newUser()
    const browser = new Browser(api, testPublicUrl)
    await browser.keep('wikistead-session=planted-planted-planted-planted-planted-pla; Path=/')
    await browser.ask('GET', await linkFor(id))
    expect((await browser.cookies())['wikistead-session']).toMatch(/^(?!planted)[\w-]{43}$/)
  })

  test('that has expired, or whose user is blocked, is none', async () => {
    const { id } = await newUser()
    const browser = await signedIn(id)
    const [row] = await api.store.sessions.of(id)
    if (row === undefined) throw new Error('no session')
    await api.store.users.setBlocked(id, true)
    expect((await browser.ask('GET', '/v1/session')).body).toEqual(nobody)
    expect((await browser.ask('GET', '/v1/users/me')).status).toBe(401)
    await api.store.users.setBlocked(id, false)
    expect(await browser.who()).toBeDefined()
    await api.store.sessions.forgetEnded(row.expires_at)
    expect((await browser.ask('GET', '/v1/session')).body).toEqual(nobody)
  })

  test('is listed with where it began and where it was last, for its user and nobody else', async () => {
    const { id } = await newUser()
    const browser = await signedIn(id)
    const listed = async () => (await browser.ask('GET', '/v1/sessions')).body['sessions']
    expect(await listed()).toMatchObject([{ made_from: '127.0.0.1', seen_from: '127.0.0.1' }])
    const { 'wikistead-session': value = '' } = await browser.cookies()
    const found = await api.store.sessions.byValue(value)
    if (found === undefined) throw new Error('no session')
    await api.store.sessions.seen(found, found.session.seen_at + 61_000, '192.0.2.7')
    expect(await listed()).toMatchObject([{ made_from: '127.0.0.1', seen_from: '192.0.2.7' }])
  })

  test('is over after seven days without a request, and after thirty in any case', async () => {
    const { id: userId } = await newUser()
    const day = 86_400_000
    const begun = (daysAgo: number) =>
      api.store.sessions.create({ userId, userAgent: '' }, Date.now() - daysAgo * day)
    const browserWith = async (value: string) => {
      const browser = new Browser(api, testPublicUrl)
      await browser.keep(`wikistead-session=${value}; Path=/`)
      return browser
    }
    expect(await (await browserWith(await begun(7))).who()).toBeUndefined()
    const idle = await browserWith(await begun(6))
    const ends = async () => Date.parse(String((await idle.ask('GET', '/v1/session')).body['expires_at']))
    expect(await ends()).toBeGreaterThan(Date.now() + 6.9 * day)
    const value = await begun(29.5)
    const row = await api.store.sessions.byValue(value, Date.now() - 29 * day)
    if (row === undefined) throw new Error('no session')
    const kept = await api.store.sessions.seen(row, Date.now() - day)
    expect(kept.expires_at).toBeLessThan(Date.now() + day)
    const old = await browserWith(value)
    expect(await old.who()).toBeDefined()
    expect((await api.store.sessions.byValue(value, kept.created_at + 30 * day))?.user).toBeUndefined()
  })

  test('ends at sign-out, with its cookie', async () => {
    const { id } = await newUser()
    const browser = await signedIn(id)
    const { 'wikistead-session': value = '' } = await browser.cookies()
    const answer = await browser.act('POST', '/auth/sign-out')
    expect([answer.status, answer.body]).toEqual([200, { redirect: null }])
    expect(await browser.cookies()).toEqual({})
    await browser.keep(`wikistead-session=${value}; Path=/`)
    expect(await browser.who()).toBeUndefined()
  })

  test('is listed, and ended from another browser of its user only', async () => {
    const user = await newUser()
    const [one, two] = [await signedIn(user.id), await signedIn(user.id)]
    const stranger = await signedIn((await newUser()).id)
    const { body } = await one.ask('GET', '/v1/sessions')
    const sessions = body['sessions'] as { id: string; current: boolean }[]
    expect(sessions.map(({ current }) => current).sort()).toEqual([false, true])
    const { 'wikistead-session': value = '' } = await two.cookies()
    expect(JSON.stringify(body)).not.toContain(value)
    const other = `/v1/sessions/${sessions.find(({ current }) => !current)?.id ?? ''}`
    expect((await stranger.act('DELETE', other)).body['code']).toBe('session_not_found')
    expect(await two.who()).toBeDefined()
    expect((await one.act('DELETE', other)).status).toBe(204)
    expect([await one.who(), await two.who()]).toEqual([expect.any(String), undefined])
    expect((await one.act('DELETE', other)).body['code']).toBe('session_not_found')
    // A token that leaked must not show where its user is signed in.
    expect((await api.ask('GET', '/v1/sessions', { as: user })).status).toBe(403)
  })

  test('an admin ends all of a user’s', async () => {
    const { id } = await newUser()
    const browsers = [await signedIn(id), await signedIn(id)]
    const path = `/v1/users/${String(id)}/sessions`
    expect((await (await signedIn((await newUser('operator')).id)).act('DELETE', path)).status).toBe(403)
    expect(await browsers[0]?.who()).toBeDefined()
    const admin = await signedIn((await newUser('admin')).id)
    expect((await admin.act('DELETE', path)).status).toBe(204)
    expect((await admin.act('DELETE', '/v1/users/999999/sessions')).status).toBe(404)
    for (const browser of browsers) expect(await browser.who()).toBeUndefined()
  })
})

describe('a request that changes something, by cookie alone', () => {
  test.each([
    ['without the session’s token', {}],
    ['with another', { 'x-csrf-token': 'wrong' }],
    ['with another of the right length', { 'x-csrf-token': 'x'.repeat(43) }],
    ['from a page of another site', { csrf: 'right', 'sec-fetch-site': 'cross-site' }],
    ['from a page of a sibling, such as a wiki', { csrf: 'right', 'sec-fetch-site': 'same-site' }],
    ['that the browser says nobody’s page made', { csrf: 'right', 'sec-fetch-site': 'none' }],
  ])('%s is refused', async (_how, { csrf, ...headers }: Record<string, string>) => {
    const owner = await newUser()
    const browser = await signedIn(owner.id)
    const { wiki_id: id } = await api.wiki(owner, `forged${String(count)}.wiki.test`)
    const right = (await browser.ask('GET', '/v1/session')).body['csrf_token'] as string
    const sent = { ...headers, ...(csrf !== undefined && { 'x-csrf-token': right }) }
    for (const [method, path, body] of [
      ['PATCH', `/v1/wikis/${String(id)}`, { name: 'Forged' }],
      ['DELETE', `/v1/wikis/${String(id)}`],
      ['POST', '/auth/sign-out'],
    ] as const) {
      const answer = await browser.ask(method, path, { headers: sent, body })
      expect([answer.status, answer.body['code']]).toEqual([403, 'csrf_mismatch'])
    }
    expect(await api.store.wikis.get(id)).toMatchObject({ name: `forged${String(count)}.wiki.test` })
    expect(await browser.who()).toBeDefined()
  })

  test('with the token of another session of the same user is refused', async () => {
    const { id } = await newUser()
    const [one, two] = [await signedIn(id), await signedIn(id)]
    const token = String((await two.ask('GET', '/v1/session')).body['csrf_token'])
    const answer = await one.ask('POST', '/auth/sign-out', { headers: { 'x-csrf-token': token } })
    expect(answer.body['code']).toBe('csrf_mismatch')
  })

  test('a program’s token needs none', async () => {
    const owner = await newUser()
    const { wiki_id: id } = await api.wiki(owner, 'by-a-program.wiki.test')
    const path = `/v1/wikis/${String(id)}`
    const asked = { as: owner, body: { name: 'x' }, headers: { 'sec-fetch-site': 'cross-site' } }
    expect((await api.ask('PATCH', path, asked)).status).toBe(200)
  })
})

test('where browsers come over HTTPS, the cookies are for that alone', async () => {
  const publicUrl = 'https://wikis.example.org'
  await using secure = await startApiUnderTest({ deps: { publicUrl: () => publicUrl } })
  const { id } = await secure.user('Ada')
  const { url } = await makeLocalLink(secure.store, publicUrl, id)
  const browser = new Browser(secure, publicUrl)
  const answer = await browser.ask('GET', url.slice(publicUrl.length))
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-wikistead-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  expect(await browser.who()).toBe('Ada')
  const { '__Host-wikistead-session': value = '' } = await browser.cookies()
  const plain = await secure.ask('GET', '/v1/session', { headers: { cookie: `wikistead-session=${value}` } })
  expect(plain.body).toEqual(nobody)
  expect((await browser.act('POST', '/auth/sign-out')).headers['set-cookie']).toMatch(
    /^__Host-wikistead-session=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
  )
})
