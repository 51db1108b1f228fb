/** Signing in by the hub's account, and what somebody tries who wants to be another. The hub's word is signed by the test. */
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiAnswer,
  type ApiUnderTest,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { hubForTests, hubTrust, hubWord, type HubAccount } from '@wikistead/test/hub-word'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const hub = hubForTests.url

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine, deps: { service: hubTrust } })
  })
  afterAll(() => api[Symbol.asyncDispose]())

  let count = 100
  const account = (name: string): HubAccount => ({ id: count++, name, rights: [] })
  const browser = () => new Browser(api, testPublicUrl)
  /** As far as the hub: where the browser is sent. */
  async function begin(of: Browser, query = ''): Promise<URL> {
    const { status, headers } = await of.ask('GET', `/auth/hub${query}`)
    expect(status).toBe(302)
    return new URL(String(headers['location']))
  }
  const codeOf = (address: URL) => address.searchParams.get('code') ?? ''
  /** The button on the hub is pressed by that account. */
  async function press(as: HubAccount, code: string, more: object = { signed_in_seconds_ago: 3 }) {
    const target = '/provisioner/v1/sign-ins'
    const text = JSON.stringify({ code, ...more })
    return api.ask('POST', target, {
      text,
      headers: { authorization: hubWord(hubForTests, as, { method: 'POST', target, body: text }) },
    })
  }
  /** Where the hub sends the browser that pressed it: a path here. */
  async function vouched(as: HubAccount, code: string, more?: object): Promise<string> {
    const { status, body } = await press(as, code, more)
    expect(status).toBe(200)
    const url = new URL(String(body['url']))
    expect(url.origin + url.pathname).toBe(`${testPublicUrl}/auth/hub/callback`)
    return url.pathname + url.search
  }
  const told = ({ status, body }: ApiAnswer) => [status, body['code']]
  const refused = [400, 'sign_in_failed']
  async function who(of: Browser): Promise<{ name: string; id: number } | null> {
    const { body } = await of.ask('GET', '/v1/session')
    return body['user'] as { name: string; id: number } | null
  }
  async function signIn(of: Browser, as: HubAccount, query?: string, more?: object): Promise<ApiAnswer> {
    return of.ask('GET', await vouched(as, codeOf(await begin(of, query)), more))
  }

  test('an account of the hub becomes a member at its first sign-in, and is the same one at the next', async () => {
    const rosa = account('Rosa')
    const mine = browser()
    const there = await begin(mine, '?return_to=/create%3Fa%3D1')
    expect([there.origin + there.pathname, there.searchParams.get('title')]).toEqual([
      `${hub}/index.php`,
      'Special:WikiFarm/SignIn',
    ])
    const back = await vouched(rosa, codeOf(there))
    // The hub's word alone has made nobody.
    expect(await api.store.users.byIdentity(hub, String(rosa.id))).toBeUndefined()
    const answer = await mine.ask('GET', back)
    expect([answer.status, answer.headers['location']]).toEqual([302, '/create?a=1'])
    const user = await api.store.users.byIdentity(hub, String(rosa.id))
    expect(user).toMatchObject({ name: 'Rosa', role: 'member' })
    expect(await who(mine)).toMatchObject({ name: 'Rosa', id: user?.user_id })
    const again = browser()
    await signIn(again, { ...rosa, name: 'Rosa, renamed' })
    expect((await who(again))?.id).toBe(user?.user_id)
    expect(await api.store.users.identityAt(user?.user_id ?? 0, hub)).toMatchObject({ name: 'Rosa, renamed' })
  })

  test('what comes back counts once, and so does the code', async () => {
    const rosa = account('Once')
    const mine = browser()
    const code = codeOf(await begin(mine))
    const back = await vouched(rosa, code)
    expect(told(await press(rosa, code))).toEqual([410, 'link_expired'])
    expect((await mine.ask('GET', back)).status).toBe(302)
    expect(told(await mine.ask('GET', back))).toEqual(refused)
  })

  test('a button that somebody is made to press signs neither of the two in', async () => {
    const [eve, victim] = [browser(), browser()]
    const theirs = account('Victim')
    const code = codeOf(await begin(eve))
    // The victim's browser has begun as well; that is another one's.
    await begin(victim)
    const back = await vouched(theirs, code)
    expect(told(await victim.ask('GET', back))).toEqual(refused)
    // Eve has the code, and nothing that comes of it.
    expect(told(await eve.ask('GET', `/auth/hub/callback?code=${code}`))).toEqual(refused)
    // It is used up, even if she had it.
    expect(told(await eve.ask('GET', back))).toEqual(refused)
    expect([await who(eve), await who(victim)]).toEqual([null, null])
    expect(await api.store.users.byIdentity(hub, String(theirs.id))).toBeUndefined()
  })

  test('an answer for Eve signs nobody else in as her, and a browser that began nothing is none', async () => {
    const evil = account('Eve')
    const back = await vouched(evil, codeOf(await begin(browser())))
    const victim = browser()
    expect(told(await victim.ask('GET', back))).toEqual(refused)
    expect(await who(victim)).toBeNull()
  })

  test('a session that was there before ends: none is carried over', async () => {
    const mine = browser()
    await signIn(mine, account('Before'))
    const before = (await mine.cookies())['wikistead-session']
    await signIn(mine, account('After'))
    expect((await mine.cookies())['wikistead-session']).not.toBe(before)
    expect(await api.store.sessions.byValue(String(before))).toBeUndefined()
    expect((await who(mine))?.name).toBe('After')
  })

  test.each(['//evil.test', 'https://evil.test/', '/\\evil.test', 'javascript:alert(1)', '/\t/evil.test'])(
    'nobody is sent on to %j',
    async (returnTo) => {
      const query = `?${new URLSearchParams({ return_to: returnTo }).toString()}`
      expect(told(await browser().ask('GET', `/auth/hub${query}`))).toEqual([400, 'invalid_request'])
    },
  )

  test('without the hub’s word nobody vouches', async () => {
    const code = codeOf(await begin(browser()))
    const answer = await api.ask('POST', '/provisioner/v1/sign-ins', { body: { code } })
    expect(told(answer)).toEqual([401, 'service_token_invalid'])
  })

  test('a code to link accounts signs nobody in, nor the other way round', async () => {
    const rosa = account('Crossed')
    const mine = browser()
    await signIn(mine, rosa)
    const { headers } = await mine.ask('GET', '/auth/link/hub')
    expect(told(await press(rosa, codeOf(new URL(String(headers['location'])))))).toEqual([
      410,
      'link_expired',
    ])
    const target = '/provisioner/v1/links'
    const text = JSON.stringify({ code: codeOf(await begin(mine)) })
    const linked = await api.ask('POST', target, {
      text,
      headers: { authorization: hubWord(hubForTests, rosa, { method: 'POST', target, body: text }) },
    })
    expect(told(linked)).toEqual([410, 'link_expired'])
  })

  test('who is blocked is let in nowhere', async () => {
    const there = account('Blocked')
    await signIn(browser(), there)
    const user = await api.store.users.byIdentity(hub, String(there.id))
    const mine = browser()
    const back = await vouched(there, codeOf(await begin(mine)))
    await api.store.users.setBlocked(user?.user_id ?? 0, true)
    expect(told(await mine.ask('GET', back))).toEqual([403, 'blocked'])
    expect(told(await press(there, codeOf(await begin(mine))))).toEqual([403, 'blocked'])
    expect(await who(mine)).toBeNull()
  })

  describe('for the gravest acts', () => {
    const grave = (of: Browser) => of.act('POST', '/v1/tokens', { label: 'x', scopes: ['read'] })

    test('a new sign-in on the hub is asked for, and believed by when it was', async () => {
      const rosa = account('Fresh')
      const mine = browser()
      // Known on the hub by a cookie of long ago.
      await signIn(mine, rosa, '', { signed_in_seconds_ago: null })
      const before = await grave(mine)
      expect(told(before)).toEqual([403, 'fresh_sign_in_required'])
      expect(before.body['details']).toMatchObject({ sign_in: '/auth/hub?fresh=1' })
      const there = await begin(mine, '?fresh=1&return_to=/sign-in/again')
      expect(there.searchParams.get('fresh')).toBe('1')
      const late = await mine.ask(
        'GET',
        await vouched(rosa, codeOf(there), { signed_in_seconds_ago: 86_400 }),
      )
      expect(told(late)).toEqual([400, 'sign_in_not_fresh'])
      expect(told(await grave(mine))).toEqual([403, 'fresh_sign_in_required'])
      expect((await signIn(mine, rosa, '?fresh=1')).status).toBe(302)
      expect((await grave(mine)).status).toBe(201)
    })

    test('nobody else signs in for it', async () => {
      const mine = browser()
      await signIn(mine, account('One'))
      expect(told(await signIn(mine, account('Another'), '?fresh=1'))).toEqual([409, 'signed_in_as_other'])
      expect((await who(mine))?.name).toBe('One')
    })
  })
})

test('without a hub that vouches it is off', async () => {
  await using api = await startApiUnderTest()
  const { status, body } = await api.ask('GET', '/auth/hub')
  expect([status, body['code']]).toEqual([503, 'sign_in_off'])
  expect((await api.ask('GET', '/v1/farm')).body['sign_in']).toMatchObject({ hub: null })
})
