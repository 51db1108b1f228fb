import {
  startApiUnderTest,
  testPublicUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { storeEngines } from '@wikistead/test/stores'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const password = 'seven owls at noon'
const page = { 'sec-fetch-site': 'same-origin' }

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let admin: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine, deps: { accounts: { signUp: { by: 'open' } } } })
    admin = await api.user('root', 'admin')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const newBrowser = () => new Browser(api, testPublicUrl)
  const post = (browser: Browser, path: string, body: object) =>
    browser.ask('POST', path, { headers: page, body })
  const signIn = (browser: Browser, name: string) => post(browser, '/auth/password', { name, password })
  /** Of the half minute that is so many from now. One that is to be taken is never of one that is over: this may take a while. */
  const codeOf = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: api.store.now() + steps * 30_000 })

  /** With a second factor whose first code was used to turn it on. */
  async function member(name: string) {
    const browser = newBrowser()
    expect((await post(browser, '/auth/join', { name, password })).status).toBe(200)
    const { body: begun } = await browser.act('POST', '/v1/account/second-factor')
    const secret = String(begun['secret'])
    const first = codeOf(secret)
    const { body } = await browser.act('PUT', '/v1/account/second-factor', { code: first })
    return { browser, secret, url: String(begun['url']), first, codes: body['recovery_codes'] as string[] }
  }
  async function asked(name: string) {
    const browser = newBrowser()
    const { status, body } = await signIn(browser, name)
    expect([status, body['user'], await browser.who()]).toEqual([200, null, undefined])
    const secret = String(body['second_factor'])
    const send = (code: string) => post(browser, '/auth/second-factor', { second_factor: secret, code })
    return { browser, send, sent: () => secret }
  }

  test('it is asked for after the password, and a code lets in once', async () => {
    const { secret, url, first, codes } = await member('Ada')
    expect(url).toContain('otpauth://totp/wikistead.test:Ada?')
    const { browser, send, sent } = await asked('Ada')
    expect((await send('000000')).body).toMatchObject({ code: 'second_factor_wrong' })
    // It turned the factor on, and counts no second time.
    expect((await send(first)).body).toMatchObject({ code: 'second_factor_wrong' })
    const now = codeOf(secret, 1)
    expect((await send(now)).body).toMatchObject({ user: { name: 'Ada' }, second_factor: null })
    expect(await browser.who()).toBe('Ada')
    expect(
      (await browser.act('POST', '/auth/second-factor', { second_factor: sent(), code: now })).body,
    ).toMatchObject({
      code: 'sign_in_failed',
    })
    const again = await asked('Ada')
    expect((await again.send(now)).body).toMatchObject({ code: 'second_factor_wrong' })
    expect((await again.send(codeOf(secret, 10))).body).toMatchObject({ code: 'second_factor_wrong' })
    expect((await again.send(codes[0] ?? '')).body).toMatchObject({ user: { name: 'Ada' } })
  })

  test('of two who send one code at once one comes in', async () => {
    const { secret } = await member('Bob')
    const both = await Promise.all([asked('Bob'), asked('Bob')])
    const code = codeOf(secret, 1)
    const answers = await Promise.all(both.map(({ send }) => send(code)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  test('a recovery code lets in once, however it is written, and is kept as a hash', async () => {
    const { browser: owner, codes } = await member('Cleo')
    expect([codes.length, new Set(codes).size]).toEqual([10, 10])
    const [one = '', two = ''] = codes
    expect(one).toMatch(/^(?:[2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}$/)
    expect((await (await asked('Cleo')).send(one.toUpperCase().replaceAll('-', ' '))).status).toBe(200)
    expect((await (await asked('Cleo')).send(one)).body).toMatchObject({ code: 'second_factor_wrong' })
    const { body } = await owner.ask('GET', '/v1/account')
    expect(body['account']).toMatchObject({ second_factor: { recovery_codes: 9 } })
    // Another's are none of hers.
    const other = await member('Not Cleo')
    expect((await (await asked('Cleo')).send(other.codes[0] ?? '')).status).toBe(401)
    const { body: renewed } = await owner.act('POST', '/v1/account/recovery-codes')
    expect(renewed['recovery_codes']).toHaveLength(10)
    expect((await (await asked('Cleo')).send(two)).body).toMatchObject({ code: 'second_factor_wrong' })
  })

  test('codes are guessed ten times, whatever is begun anew', async () => {
    await member('Dora')
    const codes: unknown[] = []
    // One was sent to turn it on.
    for (let n = 0; n < 10; n += 1) codes.push((await (await asked('Dora')).send('000000')).body['code'])
    expect(codes).toEqual([...Array<string>(9).fill('second_factor_wrong'), 'rate_limited'])
  })

  test('what was never begun, or is not confirmed, is no second factor', async () => {
    const browser = newBrowser()
    await post(browser, '/auth/join', { name: 'Elsa', password })
    const wrong = await browser.act('PUT', '/v1/account/second-factor', { code: '123456' })
    expect(wrong.body).toMatchObject({ code: 'second_factor_wrong' })
    await browser.act('POST', '/v1/account/second-factor')
    expect((await signIn(newBrowser(), 'Elsa')).body).toMatchObject({ user: { name: 'Elsa' } })
    const none = await post(newBrowser(), '/auth/second-factor', { second_factor: 'x', code: '123456' })
    expect(none.body).toMatchObject({ code: 'sign_in_failed' })
    expect((await browser.act('POST', '/v1/account/recovery-codes')).body).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('it is turned off by whoever signed in a short while ago, and by an admin’s link', async () => {
    const { browser, codes } = await member('Fay')
    expect((await browser.act('POST', '/v1/account/second-factor')).body).toMatchObject({
      code: 'invalid_request',
    })
    expect((await browser.act('DELETE', '/v1/account/second-factor')).body).toMatchObject({
      account: { second_factor: null },
    })
    expect((await signIn(newBrowser(), 'Fay')).body).toMatchObject({ second_factor: null })
    expect(codes).toHaveLength(10)
    await member('Gina')
    const id = (await api.store.accounts.byName('Gina'))?.user_id ?? 0
    const { body } = await api.ask('POST', `/v1/users/${String(id)}/account-link`, { as: admin })
    const secret = new URL(String(body['url'])).hash.slice(1)
    const joined = await post(newBrowser(), '/auth/join', { secret, password: 'nine herons at dusk' })
    expect(joined.body).toMatchObject({ user: { name: 'Gina' }, second_factor: null })
    expect(await api.store.recoveryCodes.count(id)).toBe(0)
  })
})
