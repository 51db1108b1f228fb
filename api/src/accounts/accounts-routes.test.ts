import type { AuditEntry } from '@wikistead/contracts'
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const good = 'seven owls at noon'
const page = { 'sec-fetch-site': 'same-origin' }

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let admin: Asker
  let operator: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine, deps: { accounts: { signUp: { by: 'invitation' } } } })
    admin = await api.user('root', 'admin')
    operator = await api.user('operator', 'operator')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const newBrowser = (at = api) => new Browser(at, testPublicUrl)
  async function invite(body: object = {}, as = operator) {
    const { status, body: made } = await api.ask('POST', '/v1/invitations', { as, body })
    expect(status).toBe(201)
    const { url, invitation } = made as {
      url: string
      invitation: { id: string; user: { id: number } | null }
    }
    return { secret: new URL(url).hash.slice(1), url, ...invitation }
  }
  const join = (browser: Browser, body: object) =>
    browser.ask('POST', '/auth/join', { headers: page, body: { password: good, ...body } })
  const signIn = (browser: Browser, name: string, password = good, more: object = {}) =>
    browser.ask('POST', '/auth/password', { headers: page, body: { name, password, ...more } })
  async function member(name: string): Promise<Browser> {
    const browser = newBrowser()
    expect((await join(browser, { secret: (await invite()).secret, name })).status).toBe(200)
    return browser
  }

  test('who is invited joins once, signs out, and comes in by name and password', async () => {
    const { secret, url, id } = await invite({ name: 'Ada' })
    expect(url).toBe(`${testPublicUrl}/join#${secret}`)
    const listed = await api.ask('GET', '/v1/invitations', { as: operator })
    expect(listed.body['invitations']).toContainEqual(
      expect.objectContaining({ id, name: 'Ada', role: 'member' }),
    )
    expect(listed.text).not.toContain(secret)
    const seen = await api.ask('POST', '/auth/join/see', { body: { secret } })
    expect(seen.body).toMatchObject({ name: 'Ada', role: 'member', has_account: false })
    const browser = newBrowser()
    const joined = await join(browser, { secret })
    expect([joined.status, joined.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(await browser.who()).toBe('Ada')
    const first = (await browser.cookies())['wikistead-session']
    await browser.act('POST', '/auth/sign-out')
    expect(await browser.who()).toBeUndefined()
    // In whatever case, and however it is composed.
    expect((await signIn(browser, 'ADA')).body).toMatchObject({ user: { name: 'Ada', role: 'member' } })
    expect(await browser.who()).toBe('Ada')
    expect((await browser.cookies())['wikistead-session']).not.toBe(first)
    expect((await api.ask('POST', '/auth/join/see', { body: { secret } })).body).toMatchObject({
      code: 'invitation_ended',
    })
    expect((await join(newBrowser(), { secret, name: 'Eve' })).body).toMatchObject({
      code: 'invitation_ended',
    })
    const account = await api.store.accounts.byName('ada')
    expect(account?.password_hash).toMatch(/^\$argon2id\$/)
  })

  test('of two who come by one invitation one joins, and nothing is left of the other', async () => {
    const { secret } = await invite()
    const answers = await Promise.all(
      ['Twin One', 'Twin Two'].map((name) => join(newBrowser(), { secret, name })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410])
    const { body } = await api.ask('GET', '/v1/users?q=Twin', { as: operator })
    expect(body['users']).toHaveLength(1)
  })

  test.each(['nonsense', 'x'.repeat(43)])('a link that was never made (%s) is none', async (secret) => {
    const { status, body } = await join(newBrowser(), { secret, name: 'Nobody' })
    expect([status, body['code']]).toEqual([410, 'invitation_ended'])
  })

  test('one that was withdrawn, or is too old, or whose maker may invite no more, is none', async () => {
    const withdrawn = await invite()
    expect((await api.ask('DELETE', `/v1/invitations/${withdrawn.id}`, { as: operator })).status).toBe(200)
    expect((await api.ask('DELETE', `/v1/invitations/${withdrawn.id}`, { as: operator })).status).toBe(410)
    const old = await api.store.invitations.add({
      ...{ mail: null, name: null, role: 'member', userId: null, invitedBy: admin.id },
      ...{ maker: { madeBy: null, madeIn: null }, expiresAt: api.store.now() - 1 },
    })
    const leaving = await api.user('leaving', 'operator')
    const left = await invite({}, leaving)
    await api.store.users.change(leaving.id, { role: 'member' })
    const blocked = await api.user('to be blocked', 'operator')
    const ofBlocked = await invite({}, blocked)
    await api.store.users.setBlocked(blocked.id, true)
    const maker = await api.user('maker', 'operator')
    const ofToken = await invite({}, maker)
    const listed = await api.ask('GET', '/v1/tokens', { as: maker })
    const [token] = listed.body['tokens'] as { id: string }[]
    await api.ask('DELETE', `/v1/tokens/${token?.id ?? ''}`, { as: maker })
    for (const { secret } of [withdrawn, old, left, ofBlocked, ofToken]) {
      expect((await join(newBrowser(), { secret, name: 'Late' })).body).toMatchObject({
        code: 'invitation_ended',
      })
    }
    expect(await api.store.accounts.byName('Late')).toBeUndefined()
  })

  test('a role is an admin’s to give, also by an invitation', async () => {
    const asked = await api.ask('POST', '/v1/invitations', { as: operator, body: { role: 'operator' } })
    expect(asked.body).toMatchObject({ code: 'forbidden' })
    const { secret } = await invite({ role: 'operator' }, admin)
    expect((await join(newBrowser(), { secret, name: 'Olga' })).body).toMatchObject({
      user: { role: 'operator' },
    })
  })

  test('who is added is there at once, and makes their account by the link', async () => {
    const { user, secret } = await invite({ name: 'Bea', add: true })
    expect((await api.ask('GET', `/v1/users/${String(user?.id)}`, { as: operator })).body).toMatchObject({
      name: 'Bea',
    })
    expect((await join(newBrowser(), { secret })).body).toMatchObject({ user: { id: user?.id } })
    expect((await api.ask('POST', '/v1/invitations', { as: operator, body: { add: true } })).status).toBe(400)
  })

  test('names are one person’s, and passwords are not those that everybody tries', async () => {
    await member('Cleo')
    const { secret } = await invite()
    const tried = async (body: object) => (await join(newBrowser(), { secret, ...body })).body['code']
    expect(await tried({ name: 'CLEO' })).toBe('account_name_taken')
    expect(await tried({ name: 'Cleo2', password: 'short' })).toBe('password_too_short')
    expect(await tried({ name: 'Cleo2', password: 'Password1234' })).toBe('password_known')
    expect(await tried({ name: 'Cleopatra VII', password: 'cleopatra vii!' })).toBe('password_known')
    expect(await tried({})).toBe('invalid_request')
    for (const name of ['a@b.example', '\u202Eadmin', '\u200B', ' ', 'x'.repeat(101)]) {
      expect(await tried({ name })).toBe('invalid_request')
    }
    expect(await tried({ name: 'Cleo2' })).toBeUndefined()
  })

  test('a wrong password and an unknown name are answered alike, and both stand in the audit log', async () => {
    await member('Dora')
    const wrong = await signIn(newBrowser(), 'Dora', 'not this one at all')
    const unknown = await signIn(newBrowser(), 'Nobody of this name', 'not this one at all')
    const { request_id: one, ...first } = wrong.body
    const { request_id: other, ...second } = unknown.body
    expect([wrong.status, first]).toEqual([unknown.status, second])
    expect([wrong.status, first['code'], one === other]).toEqual([401, 'credentials_wrong', false])
    const { body } = await api.ask('GET', '/v1/audit?action=sign_in&limit=2', { as: operator })
    const id = (await api.store.accounts.byName('Dora'))?.user_id
    expect(
      (body['entries'] as AuditEntry[]).map(({ code, subject, actor }) => [code, subject, actor]),
    ).toEqual([
      ['credentials_wrong', '', null],
      ['credentials_wrong', `user/${String(id)}`, null],
    ])
  })

  test('guessing ends after ten tries, for names that are unknown as well; a browser that is known comes in still', async () => {
    const browser = await member('Elsa')
    await browser.act('POST', '/auth/sign-out')
    for (const name of ['Elsa', 'No such name']) {
      const codes: unknown[] = []
      for (let n = 0; n < 11; n += 1)
        codes.push((await signIn(newBrowser(), name, 'a guess of mine')).body['code'])
      expect(codes).toEqual([...Array<string>(10).fill('credentials_wrong'), 'rate_limited'])
    }
    const right = await signIn(newBrowser(), 'Elsa')
    expect([right.status, Number(right.headers['retry-after']) > 0]).toEqual([429, true])
    expect((await signIn(browser, 'Elsa')).status).toBe(200)
    // Another's known browser is none of hers.
    const eve = await member('Eve of Elsa')
    await eve.act('POST', '/auth/sign-out')
    expect((await signIn(eve, 'Elsa')).status).toBe(429)
  })

  test('another site’s page signs nobody in, and a session that was planted does not stay', async () => {
    await member('Fay')
    const browser = newBrowser()
    const body = { name: 'Fay', password: good }
    const foreign = await browser.ask('POST', '/auth/password', {
      headers: { 'sec-fetch-site': 'cross-site' },
      body,
    })
    expect(foreign.body).toMatchObject({ code: 'csrf_mismatch' })
    await browser.keep(`wikistead-session=${'p'.repeat(43)}; Path=/`)
    expect((await signIn(browser, 'Fay')).status).toBe(200)
    expect((await browser.cookies())['wikistead-session']).not.toBe('p'.repeat(43))
  })

  test('who signs in once more is the same person, and then does one of the gravest acts', async () => {
    const browser = await member('Gina')
    await member('Hugo')
    const { body: session } = await browser.ask('GET', '/v1/session')
    expect(session).toMatchObject({ sign_in_again: '/sign-in?fresh=1' })
    const again = (name: string) =>
      browser.act('POST', '/auth/password', { name, password: good, fresh: true })
    expect((await again('Hugo')).body).toMatchObject({ code: 'signed_in_as_other' })
    expect(await browser.who()).toBe('Gina')
    const before = (await browser.cookies())['wikistead-session']
    expect((await again('Gina')).status).toBe(200)
    expect((await browser.cookies())['wikistead-session']).not.toBe(before)
    expect((await browser.act('POST', '/v1/tokens', { label: 'x', scopes: ['read'] })).status).toBe(201)
  })

  test('a blocked account comes in by nothing', async () => {
    await member('Ines')
    const id = (await api.store.accounts.byName('Ines'))?.user_id ?? 0
    const { body: link } = await api.ask('POST', `/v1/users/${String(id)}/account-link`, { as: admin })
    await api.store.users.setBlocked(id, true)
    expect((await signIn(newBrowser(), 'Ines')).body).toMatchObject({ code: 'blocked' })
    const secret = new URL(String(link['url'])).hash.slice(1)
    expect((await join(newBrowser(), { secret })).body).toMatchObject({ code: 'blocked' })
  })

  test('a password is changed by whoever signed in a short while ago; their other sign-ins end', async () => {
    const browser = await member('Jana')
    const other = newBrowser()
    await signIn(other, 'Jana')
    const weak = await browser.act('PUT', '/v1/account/password', { password: 'jana jana jana' })
    expect(weak.body).toMatchObject({ code: 'password_known' })
    const changed = await browser.act('PUT', '/v1/account/password', { password: 'nine herons at dusk' })
    expect(changed.body).toMatchObject({ account: { name: 'Jana', has_password: true } })
    expect([await browser.who(), await other.who()]).toEqual(['Jana', undefined])
    expect((await signIn(other, 'Jana')).status).toBe(401)
    expect((await signIn(other, 'Jana', 'nine herons at dusk')).status).toBe(200)
  })

  test('an admin’s link opens an account anew, once, and ends what was before', async () => {
    const browser = await member('Kira')
    const id = (await api.store.accounts.byName('Kira'))?.user_id ?? 0
    const path = `/v1/users/${String(id)}/account-link`
    expect((await api.ask('POST', path, { as: operator })).body).toMatchObject({ code: 'forbidden' })
    const link = async () => {
      const { body } = await api.ask('POST', path, { as: admin })
      return new URL(String(body['url'])).hash.slice(1)
    }
    const first = await link()
    const second = await link()
    expect((await join(newBrowser(), { secret: first })).body).toMatchObject({ code: 'invitation_ended' })
    const seen = await api.ask('POST', '/auth/join/see', { body: { secret: second } })
    expect(seen.body).toMatchObject({ name: 'Kira', has_account: true })
    expect((await join(newBrowser(), { secret: second, password: 'nine herons at dusk' })).status).toBe(200)
    expect(await browser.who()).toBeUndefined()
    expect((await signIn(newBrowser(), 'Kira')).status).toBe(401)
  })

  test('who came another way makes an account of theirs, and is the same user', async () => {
    const local = await api.user('Local admin', 'admin')
    const url = new URL(String((await api.ask('POST', '/auth/local', { as: local })).body['url']))
    const value = await api.store.sessions.create({
      userId: local.id,
      userAgent: '',
      provenAt: api.store.now(),
    })
    expect(url.pathname).toBe('/auth/local')
    const browser = newBrowser()
    await browser.keep(`wikistead-session=${value}; Path=/`)
    expect((await browser.ask('GET', '/v1/account')).body).toEqual({ account: null })
    const make = (body: object) => browser.act('PUT', '/v1/account/password', body)
    expect((await make({ password: good })).body).toMatchObject({ code: 'invalid_request' })
    expect((await make({ password: good, name: 'Lena' })).body).toMatchObject({ account: { name: 'Lena' } })
    expect((await signIn(newBrowser(), 'lena')).body).toMatchObject({ user: { id: local.id } })
  })
})

test('where everybody may sign up nobody needs an invitation; elsewhere all do; and without accounts there are none', async () => {
  await using open = await startApiUnderTest({ deps: { accounts: { signUp: { by: 'open' } } } })
  await using closed = await startApiUnderTest({ deps: { accounts: { signUp: { by: 'invitation' } } } })
  await using off = await startApiUnderTest()
  const body = { name: 'Mona', password: good }
  const answers = await Promise.all([open, closed, off].map((api) => api.ask('POST', '/auth/join', { body })))
  expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
    [200, undefined],
    [403, 'sign_up_closed'],
    [503, 'accounts_off'],
  ])
  const kinds = await Promise.all([open, closed, off].map((api) => api.ask('GET', '/v1/farm')))
  expect(kinds.map(({ body }) => body['sign_in'])).toMatchObject([
    { kind: 'accounts', sign_up: 'open' },
    { kind: 'accounts', sign_up: 'invitation' },
    { kind: 'local' },
  ])
})
