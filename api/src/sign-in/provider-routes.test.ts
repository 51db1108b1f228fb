/** Signing in at a real provider, and everything that must not sign anybody in. */
import { startApiUnderTest, testPublicUrl, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import type { OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { atCallback, startSignInUnderTest, type SignInUnderTest } from '@wikistead/test/sign-in'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let running: SignInUnderTest
let provider: OidcProviderForTests
let api: ApiUnderTest
beforeAll(async () => {
  running = await startSignInUnderTest()
  ;({ provider, api } = running)
})
afterAll(() => running[Symbol.asyncDispose]())

const browserOf: SignInUnderTest['browserOf'] = (sub, at) => running.browserOf(sub, at)

async function signedIn(sub: string): Promise<Browser> {
  const browser = await browserOf(sub)
  expect((await browser.open('/auth/sign-in?return_to=/wikis%3Fmine')).url).toBe(
    `${testPublicUrl}/wikis?mine`,
  )
  return browser
}

const refusalAt = async (browser: Browser, path: string) => {
  const { status, body } = await browser.ask('GET', path)
  return [status, body['code'], await browser.who()]
}
const failed = [400, 'sign_in_failed', undefined]

describe('a member', () => {
  test('signs in, is known from then on, and comes back to where they were', async () => {
    provider.describe('ada', { name: 'Ada\u202E  Lovelace' })
    const first = await signedIn('ada')
    const { user, expires_at: end } = (await first.ask('GET', '/v1/session')).body as {
      user: { id: number }
      expires_at: string
    }
    expect(user).toMatchObject({
      ...{ name: 'Ada Lovelace', role: 'member' },
      identities: [{ issuer: provider.issuer, subject: 'ada' }],
    })
    expect(Date.parse(end)).toBeGreaterThan(Date.now())
    provider.describe('ada', { name: 'Somebody else now' })
    const again = await signedIn('ada')
    expect((await again.ask('GET', '/v1/session')).body).toMatchObject({
      user: { id: user.id, name: 'Ada Lovelace' },
    })
  })

  test('is asked for with PKCE, a state and a nonce, new each time', async () => {
    const browser = await browserOf('pkce')
    const asked = await Promise.all(
      [1, 2].map(
        async () => new URL(String((await browser.ask('GET', '/auth/sign-in')).headers['location'])),
      ),
    )
    for (const { searchParams: query } of asked) {
      expect(Object.fromEntries(query)).toMatchObject({
        ...{ response_type: 'code', code_challenge_method: 'S256', client_id: 'wikistead' },
        ...{ scope: 'openid profile', redirect_uri: `${testPublicUrl}/auth/callback` },
      })
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = asked.map(({ searchParams }) => searchParams.get(name) ?? '')
      expect(values[0]).toMatch(/^[\w-]{43}$/)
      expect(values[0]).not.toBe(values[1])
    }
  })

  test('may sign in in two tabs at once', async () => {
    const browser = await browserOf('two-tabs')
    const [one, two] = [await atCallback(browser), await atCallback(browser)]
    expect((await browser.ask('GET', one)).status).toBe(302)
    expect((await browser.ask('GET', two)).status).toBe(302)
    expect(await browser.who()).toBe('two-tabs')
  })

  test('is an admin if the settings say so, also when they were a member before', async () => {
    const { user_id: id } = await api.store.users.ensure({
      ...{ name: 'Made before', role: 'member', issuer: provider.issuer, subject: 'the-admin' },
    })
    const browser = await signedIn('the-admin')
    expect((await browser.ask('GET', '/v1/session')).body).toMatchObject({ user: { id, role: 'admin' } })
  })

  test.each([
    ['…', 'New member'],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('whose name is %s is called %s', async (name, expected) => {
    const sub = `named-${String(name.length)}`
    provider.describe(sub, { name })
    expect(await (await signedIn(sub)).who()).toBe(expected)
  })

  test('whom the operators have blocked is told so, and stays out', async () => {
    const browser = await signedIn('to-be-blocked')
    const { user } = (await browser.ask('GET', '/v1/session')).body as { user: { id: number } }
    await api.store.users.setBlocked(user.id, true)
    expect(await browser.who()).toBeUndefined()
    expect((await browser.open('/auth/sign-in')).url).toBe(`${testPublicUrl}/sign-in?error=blocked`)
    expect(await refusalAt(browser, await atCallback(browser))).toEqual([403, 'blocked', undefined])
  })

  test('signs out at the provider as well', async () => {
    const browser = await signedIn('leaving')
    const { redirect } = (await browser.act('POST', '/auth/sign-out')).body as { redirect: string }
    expect(redirect.startsWith(`${provider.issuer}/session/end?`)).toBe(true)
    // From now on the provider must ask who they are.
    await browser.keep('member=; Path=/; Max-Age=0', provider.issuer)
    const form = await browser.send(redirect)
    const xsrf = /name="xsrf" value="(\w+)"/.exec(form.text)?.[1] ?? ''
    const left = await browser.send(`${provider.issuer}/session/end/confirm`, {
      ...{ method: 'POST', form: { xsrf, logout: 'yes' } },
    })
    expect([left.status, left.location]).toEqual([303, `${testPublicUrl}/`])
    expect((await browser.open('/auth/sign-in')).text).toContain('Who are you?')
  })
})

describe('nobody is signed in', () => {
  test('by a state that we never gave, or none', async () => {
    const browser = await browserOf('made-up')
    const path = await atCallback(browser)
    expect(await refusalAt(browser, path.replace(/state=[^&]+/, 'state=made-up'))).toEqual(failed)
    expect(await refusalAt(browser, path.replace(/state=[^&]+/, ''))).toEqual(failed)
    expect(await refusalAt(browser, `${path}&state=another`)).toEqual([400, 'invalid_request', undefined])
    expect(await refusalAt(browser, '/auth/callback')).toEqual(failed)
  })

  test('by an answer that was used already', async () => {
    const browser = await browserOf('replayed')
    const path = await atCallback(browser)
    const [one, two] = await Promise.all([browser.ask('GET', path), browser.ask('GET', path)])
    expect([one.status, two.status].sort()).toEqual([302, 400])
    await browser.act('POST', '/auth/sign-out')
    expect(await refusalAt(browser, path)).toEqual(failed)
  })

  test('by an answer that another browser asked for', async () => {
    const attacker = await browserOf('the-attacker')
    const path = await atCallback(attacker)
    const victim = await browserOf('the-victim')
    expect(await refusalAt(victim, path)).toEqual(failed)
    await victim.ask('GET', '/auth/sign-in')
    expect(await refusalAt(victim, await atCallback(attacker))).toEqual(failed)
  })

  test('by an answer to a sign-in that took too long', async () => {
    const browser = await browserOf('slow')
    const path = await atCallback(browser)
    const state = new URLSearchParams(path.slice(path.indexOf('?'))).get('state') ?? ''
    const kept = await api.store.once.take('sign_in', state)
    const { detail = {} } = kept ?? {}
    await api.store.once.keep('sign_in', state, { detail, lifetimeMs: 600_000 }, Date.now() - 600_000)
    expect(await refusalAt(browser, path)).toEqual(failed)
  })

  test('by a code that the provider does not know, or that is another’s', async () => {
    const browser = await browserOf('code')
    const path = await atCallback(browser)
    expect(await refusalAt(browser, path.replace(/code=[^&]+/, 'code=made-up'))).toEqual(failed)
    const attacker = await browserOf('the-attacker')
    const stolen = /code=[^&]+/.exec(await atCallback(browser))?.[0] ?? ''
    const injected = (await atCallback(attacker)).replace(/code=[^&]+/, stolen)
    expect(await refusalAt(attacker, injected)).toEqual(failed)
  })

  test('by an answer that is another provider’s', async () => {
    const browser = await browserOf('mixed-up')
    const path = await atCallback(browser)
    const mixed = path.replace(/iss=[^&]+/, `iss=${encodeURIComponent('http://127.0.0.1:1')}`)
    expect(mixed).not.toBe(path)
    expect(await refusalAt(browser, mixed)).toEqual(failed)
  })

  const changed = (idToken: string, change: object): string => {
    const [header = '', payload = '', signature = ''] = idToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')
    return `${header}.${forged}.${signature}`
  }
  test.each([
    ['names another nonce', { nonce: 'of another sign-in' }],
    ['is for another client', { aud: 'another' }],
    ['is somebody else’s', { iss: 'http://127.0.0.1:1' }],
    ['has expired', { exp: 1 }],
    ['names another member than it was signed for', { sub: 'the-admin' }],
  ])('by an ID token that %s', async (_how, change) => {
    const browser = await browserOf('forged')
    const path = await atCallback(browser)
    provider.tamper((answer) => ({ ...answer, id_token: changed(String(answer['id_token']), change) }))
    try {
      expect(await refusalAt(browser, path)).toEqual(failed)
    } finally {
      provider.tamper(undefined)
    }
  })

  test('by no ID token, or one without a signature', async () => {
    for (const change of [
      (answer: Record<string, unknown>) => ({ ...answer, id_token: undefined }),
      (answer: Record<string, unknown>) => {
        const [, payload = ''] = String(answer['id_token']).split('.')
        const header = Buffer.from('{"alg":"none"}').toString('base64url')
        return { ...answer, id_token: `${header}.${payload}.` }
      },
    ]) {
      const browser = await browserOf('unsigned')
      const path = await atCallback(browser)
      provider.tamper(change)
      try {
        expect(await refusalAt(browser, path)).toEqual(failed)
      } finally {
        provider.tamper(undefined)
      }
    }
  })

  test('by the nonce of another sign-in of the same browser', async () => {
    const browser = await browserOf('two-nonces')
    const [one, two] = [await atCallback(browser), await atCallback(browser)]
    const code = /code=[^&]+/.exec(two)?.[0] ?? ''
    expect(await refusalAt(browser, one.replace(/code=[^&]+/, code))).toEqual(failed)
  })

  test('who cancels there, or is not let in', async () => {
    const browser = new Browser(api, testPublicUrl)
    const form = await browser.open('/auth/sign-in')
    expect(form.text).toContain('Who are you?')
    const { location = '' } = await browser.send(form.url, { method: 'POST', form: { cancel: '1' } })
    const back = await browser.send(location)
    const { pathname, search } = new URL(back.location ?? '')
    expect(await browser.ask('GET', pathname + search)).toMatchObject({
      ...{ status: 400, body: { code: 'sign_in_failed', details: { reason: 'access_denied' } } },
    })
    const again = await browser.open('/auth/sign-in')
    const second = await browser.send(again.url, { method: 'POST', form: { cancel: '1' } })
    const page = await browser.open(second.location ?? '')
    expect(page.url).toBe(`${testPublicUrl}/sign-in?error=sign_in_failed`)
    expect(await browser.who()).toBeUndefined()
  })

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example/', 'evil', '', '/\t/evil.example'])(
    'when they are to be sent to %j afterwards',
    async (to) => {
      const browser = await browserOf('sent-away')
      const path = `/auth/sign-in?return_to=${encodeURIComponent(to)}`
      const answer = await browser.ask('GET', path)
      expect([answer.status, answer.body['code'], await browser.cookies()]).toEqual([
        400,
        'invalid_request',
        {},
      ])
      expect((await browser.open(path)).url).toBe(`${testPublicUrl}/sign-in?error=invalid_request`)
    },
  )

  test('where there is no provider', async () => {
    await using alone = await startApiUnderTest()
    for (const path of ['/auth/sign-in', '/auth/callback?state=x']) {
      expect((await alone.ask('GET', path)).body['code']).toBe('sign_in_off')
    }
  })
})

test('a session of somebody else ends when another signs in in the same browser', async () => {
  const browser = await signedIn('the-first')
  const { 'wikistead-session': before = '' } = await browser.cookies()
  await running.become(browser, 'the-second')
  await browser.keep('_session=; Path=/; Max-Age=0', provider.issuer)
  await browser.open('/auth/sign-in')
  expect(await browser.who()).toBe('the-second')
  const thief = new Browser(api, testPublicUrl)
  await thief.keep(`wikistead-session=${before}; Path=/`)
  expect(await thief.who()).toBeUndefined()
})

test('a provider that changes its keys signs people in as before', async () => {
  expect(await (await signedIn('before-the-change')).who()).toBeDefined()
  provider.changeKeys()
  const browser = await signedIn('after-the-change')
  expect(await browser.who()).toBe('after-the-change')
  provider.changeKeys()
  const leaving = (await browser.act('POST', '/auth/sign-out')).body as { redirect: string }
  expect(leaving.redirect).toContain(`${provider.issuer}/session/end`)
})

test('while the provider is away nobody signs in, and who is signed in stays so', async () => {
  const member = await signedIn('a-member')
  const browser = await browserOf('too-late')
  const path = await atCallback(browser)
  await provider.goAway()
  try {
    await using started = await startApiUnderTest({ deps: { provider: running.settings } })
    const other = await browserOf('at-a-new-start', started)
    expect(await refusalAt(other, '/auth/sign-in')).toEqual([503, 'sign_in_unavailable', undefined])
    expect((await other.open('/auth/sign-in')).url).toBe(`${testPublicUrl}/sign-in?error=sign_in_unavailable`)
    expect(await refusalAt(browser, path)).toEqual([503, 'sign_in_unavailable', undefined])
    expect(await member.who()).toBe('a-member')
    const health = async () => {
      const { parts } = (await started.ask('GET', '/readyz')).body as { parts: { part: string }[] }
      return parts.find(({ part }) => part === 'sign-in provider')
    }
    expect(await health()).toMatchObject({
      ok: false,
      mend: expect.stringContaining('oidc-issuer') as string,
    })
    expect((await member.act('POST', '/auth/sign-out')).body).toEqual({ redirect: null })
    await provider.comeBack()
    expect(await health()).toMatchObject({ ok: true })
    await other.open('/auth/sign-in')
    expect(await other.who()).toBe('at-a-new-start')
  } finally {
    await provider.comeBack().catch(() => undefined)
  }
})

test('everybody is told where to sign in', async () => {
  expect((await api.ask('GET', '/v1/farm')).body).toMatchObject({
    sign_in: { kind: 'oidc', name: 'Test login', url: '/auth/sign-in', hub: null },
  })
})
