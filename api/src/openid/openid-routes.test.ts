/** Our own OpenID provider, asked as a client's site and a browser ask it. */
import { createHash, randomBytes } from 'node:crypto'
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'

const callback = 'http://hub.test/callback'
const started = new AsyncDisposableStack()
let api: ApiUnderTest
let admin: Asker
let ada: Asker
let secret: string

beforeAll(async () => {
  api = started.use(await startApiUnderTest({ deps: { ownProvider: { sealingKey: 'of-this-data-folder' } } }))
  admin = await api.user('admin', 'admin')
  ada = await api.user('Ada')
  const made = await api.ask('POST', '/v1/openid-clients', {
    as: admin,
    body: { id: 'hub', redirect_uris: [callback] },
  })
  expect(made.status, made.text).toBe(201)
  secret = String(made.body['secret'])
})
afterAll(() => started.disposeAsync())

async function browserOf(userId: number): Promise<Browser> {
  const browser = new Browser(api, testPublicUrl)
  const value = await api.store.sessions.create({ userId, userAgent: '', provenAt: api.store.now() })
  await browser.keep(`wikistead-session=${value}; Path=/`)
  return browser
}

interface Asking {
  readonly verifier: string
  readonly path: string
}

function asking(more: Readonly<Record<string, string | undefined>> = {}): Asking {
  const verifier = randomBytes(32).toString('base64url')
  const parameters = {
    ...{ client_id: 'hub', redirect_uri: callback, response_type: 'code', scope: 'openid profile' },
    ...{ state: 'of-the-client', code_challenge_method: 'S256' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    ...more,
  }
  const given = Object.entries(parameters).filter((each): each is [string, string] => each[1] !== undefined)
  return { verifier, path: `/openid/authorize?${new URLSearchParams(given).toString()}` }
}

/** Where the provider leaves the browser: at an address that is not ours, or a page of ours. */
async function endOf(browser: Browser, path: string): Promise<URL> {
  let url = new URL(path, testPublicUrl)
  for (let hops = 0; hops < 10 && url.origin === testPublicUrl && url.pathname !== '/sign-in'; hops += 1) {
    const answer = await browser.ask('GET', url.pathname + url.search, { headers: { accept: 'text/html' } })
    const { location } = answer.headers
    if (typeof location !== 'string') throw new Error(`${String(answer.status)} ${answer.text}`)
    url = new URL(location, url)
  }
  return url
}

async function token(code: string, verifier: string, more: Record<string, string> = {}) {
  const body = new URLSearchParams({
    ...{ grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier },
    ...{ client_id: 'hub', client_secret: secret, ...more },
  })
  return api.ask('POST', '/openid/token', {
    text: body.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
}

async function codeOf(browser: Browser): Promise<{ code: string; verifier: string }> {
  const { path, verifier } = asking()
  const end = await endOf(browser, path)
  expect(end.href).toMatch(/^http:\/\/hub\.test\/callback\?code=/)
  expect(end.searchParams.get('state')).toBe('of-the-client')
  return { code: end.searchParams.get('code') ?? '', verifier }
}

test('discovery names what there is, at the address of this installation, whatever a request says of it', async () => {
  const { status, body, headers } = await api.ask('GET', '/openid/.well-known/openid-configuration', {
    headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' },
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    issuer: `${testPublicUrl}/openid`,
    authorization_endpoint: `${testPublicUrl}/openid/authorize`,
    token_endpoint: `${testPublicUrl}/openid/token`,
    jwks_uri: `${testPublicUrl}/openid/jwks`,
    userinfo_endpoint: `${testPublicUrl}/openid/userinfo`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile'],
  })
  expect(body['end_session_endpoint']).toBeUndefined()
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'unsafe-none',
  })
})

test('whoever is signed in to the console is known to the client, by a subject that stays', async () => {
  const browser = await browserOf(ada.id)
  const { code, verifier } = await codeOf(browser)
  const { status, body, text } = await token(code, verifier)
  expect(status, text).toBe(200)
  const keys = (await api.ask('GET', '/openid/jwks')).body as unknown as JSONWebKeySet
  expect(JSON.stringify(keys)).not.toMatch(/"d"|"p"|"q"/)
  const { payload } = await jwtVerify(String(body['id_token']), createLocalJWKSet(keys), {
    ...{ issuer: `${testPublicUrl}/openid`, audience: 'hub' },
  })
  expect(payload).toMatchObject({
    sub: await api.store.users.ownSubject(ada.id),
    name: 'Ada',
    preferred_username: 'Ada',
  })
  const told = await api.ask('GET', '/openid/userinfo', {
    headers: { authorization: `Bearer ${String(body['access_token'])}` },
  })
  expect(told.body).toEqual({ sub: payload.sub, name: 'Ada', preferred_username: 'Ada' })
  // A second time, also under another name.
  await api.store.users.change(ada.id, { name: 'Ada Lovelace' })
  const again = await codeOf(browser)
  const { body: second } = await token(again.code, again.verifier)
  const { payload: later } = await jwtVerify(String(second['id_token']), createLocalJWKSet(keys))
  expect(later).toMatchObject({ sub: payload.sub, name: 'Ada Lovelace' })
  await api.store.users.change(ada.id, { name: 'Ada' })
})

test('who is not signed in is led to the sign-in page and back, in that browser only', async () => {
  const browser = new Browser(api, testPublicUrl)
  const page = await endOf(browser, asking().path)
  expect(page.pathname).toBe('/sign-in')
  const back = page.searchParams.get('return_to') ?? ''
  expect(back).toMatch(/^\/openid\/interaction\/[\w-]+$/)
  // Another browser, signed in, does not come in by it.
  const other = await endOf(await browserOf(ada.id), back)
  expect(other.search).toBe('?error=openid_request_invalid')
  const value = await api.store.sessions.create({ userId: ada.id, userAgent: '' })
  await browser.keep(`wikistead-session=${value}; Path=/`)
  expect((await endOf(browser, back)).href).toMatch(/^http:\/\/hub\.test\/callback\?code=/)
  // Once.
  expect((await endOf(browser, back)).search).toBe('?error=openid_request_invalid')
})

test('another member in the same browser is another member to the client', async () => {
  const browser = await browserOf(ada.id)
  const first = await codeOf(browser)
  const bob = await api.user('Bob')
  const value = await api.store.sessions.create({ userId: bob.id, userAgent: '' })
  await browser.keep(`wikistead-session=${value}; Path=/`)
  const second = await codeOf(browser)
  const [of, ofBob] = [await token(first.code, first.verifier), await token(second.code, second.verifier)]
  const subjectOf = ({ body }: typeof of) =>
    (
      JSON.parse(Buffer.from(String(body['id_token']).split('.')[1] ?? '', 'base64url').toString()) as {
        sub: string
      }
    ).sub
  expect(subjectOf(of)).toBe(await api.store.users.ownSubject(ada.id))
  expect(subjectOf(ofBob)).toBe(await api.store.users.ownSubject(bob.id))
})

test.each([
  ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
  ['with a plain challenge', { code_challenge_method: 'plain' }],
  ['for a token in the address', { response_type: 'token' }],
])('%s nobody is signed in', async (_how, more) => {
  const end = await endOf(await browserOf(ada.id), asking(more).path)
  // What answers in the fragment would have had its token there.
  expect(end.href).not.toMatch(/[?&#](?:code|access_token|id_token)=/)
  expect(end.href).toMatch(/error=(?:invalid_request|unsupported_response_type|openid_request_invalid)/)
})

test.each([
  ['another path', `${callback}/`],
  ['another host', 'http://hub.test.evil.test/callback'],
  ['a query beside it', `${callback}?next=1`],
  ['another scheme', 'https://hub.test/callback'],
])('%s is no address that browsers are sent to', async (_what, address) => {
  const end = await endOf(await browserOf(ada.id), asking({ redirect_uri: address }).path)
  expect(end.href).toBe(`${testPublicUrl}/sign-in?error=openid_request_invalid`)
})

test('a client that does not know PKCE is let in by an admin’s word, and needs its secret all the same', async () => {
  const made = await api.ask('POST', '/v1/openid-clients', {
    as: admin,
    body: { id: 'old-wiki', redirect_uris: [callback], pkce: false },
  })
  expect(made.body['client']).toMatchObject({ id: 'old-wiki', pkce: false })
  const without = { client_id: 'old-wiki', code_challenge: undefined, code_challenge_method: undefined }
  const browser = await browserOf(ada.id)
  const codes = [await endOf(browser, asking(without).path), await endOf(browser, asking(without).path)].map(
    ({ searchParams }) => searchParams.get('code') ?? '',
  )
  const exchange = (code: string, client_secret: string) =>
    api.ask('POST', '/openid/token', {
      text: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code, redirect_uri: callback },
        ...{ client_id: 'old-wiki', client_secret },
      }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  expect((await exchange(codes[0] ?? '', String(made.body['secret']))).status).toBe(200)
  expect((await exchange(codes[1] ?? '', secret)).status).toBe(401)
})

test('a code counts once, for its client, with the verifier and the secret', async () => {
  const browser = await browserOf(ada.id)
  const { code, verifier } = await codeOf(browser)
  expect((await token(code, 'x'.repeat(43))).body).toMatchObject({ error: 'invalid_grant' })
  const wrong = await token((await codeOf(browser)).code, verifier, { client_secret: 'wrong' })
  expect([wrong.status, wrong.body]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })])
  const third = await codeOf(browser)
  const both = await Promise.all([token(third.code, third.verifier), token(third.code, third.verifier)])
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
  expect((await token(third.code, third.verifier)).status).toBe(400)
})

test('a code and a token end with the sign-in: signed out everywhere, or blocked', async () => {
  const eve = await api.user('Eve')
  const signedOut = await codeOf(await browserOf(eve.id))
  const used = await codeOf(await browserOf(eve.id))
  const { body } = await token(used.code, used.verifier)
  const userinfo = () =>
    api.ask('GET', '/openid/userinfo', {
      headers: { authorization: `Bearer ${String(body['access_token'])}` },
    })
  expect((await userinfo()).status).toBe(200)
  await api.ask('DELETE', `/v1/users/${String(eve.id)}/sessions`, { as: admin })
  expect((await token(signedOut.code, signedOut.verifier)).body).toMatchObject({ error: 'invalid_grant' })
  expect((await userinfo()).status).toBe(401)
  const browser = await browserOf(eve.id)
  const { code, verifier } = await codeOf(browser)
  await api.store.users.setBlocked(eve.id, true)
  expect((await token(code, verifier)).status).toBe(400)
  expect((await endOf(browser, asking().path)).pathname).toBe('/sign-in')
})

test('a sign-in that may only look signs nobody in elsewhere', async () => {
  const madeBy = await api.store.tokens.issue(ada.id, { label: 'reads', scopes: ['read'] })
  const value = await api.store.sessions.create({
    ...{ userId: ada.id, userAgent: '', scopes: ['read'] },
    madeBy: createHash('sha256').update(madeBy).digest('hex'),
  })
  const browser = new Browser(api, testPublicUrl)
  await browser.keep(`wikistead-session=${value}; Path=/`)
  expect((await endOf(browser, asking().path)).search).toBe('?error=scope_missing')
})

test('a client may want a sign-in of now, and is told when it is not', async () => {
  const browser = new Browser(api, testPublicUrl)
  const value = await api.store.sessions.create({
    ...{ userId: ada.id, userAgent: '', provenAt: api.store.now() - 3_600_000 },
  })
  await browser.keep(`wikistead-session=${value}; Path=/`)
  const ends = [
    await endOf(browser, asking({ prompt: 'login' }).path),
    await endOf(browser, asking({ max_age: '60' }).path),
    await endOf(new Browser(api, testPublicUrl), asking({ prompt: 'none' }).path),
  ]
  expect(ends.map(({ searchParams }) => searchParams.get('error'))).toEqual(ends.map(() => 'login_required'))
  const enough = await endOf(browser, asking({ max_age: '7200' }).path)
  expect(enough.searchParams.get('code')).not.toBeNull()
})

test('every sign-in at a client, and every refusal, is in the audit log', async () => {
  const grace = await api.user('Grace')
  await codeOf(await browserOf(grace.id))
  await token('no-such-code', 'x'.repeat(43))
  const { body } = await api.ask('GET', '/v1/audit', { as: admin })
  expect(Object.values(body).find(Array.isArray)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...{ action: 'openid_sign_in', subject: 'openid-client/hub' },
        ...{ actor: { id: grace.id, name: 'Grace' }, code: null },
      }),
      expect.objectContaining({ action: 'openid_sign_in', code: 'openid_request_invalid', actor: null }),
    ]),
  )
})
