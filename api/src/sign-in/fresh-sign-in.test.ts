/** What somebody tries who has got hold of a session, or of a token for a minute: the gravest acts want a person. */
import { ageSignIns } from '@wikistead/test/age-sign-ins'
import { testPublicUrl, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { atCallback, startSignInUnderTest, type SignInUnderTest } from '@wikistead/test/sign-in'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usualFreshForMs } from '../access/fresh-sign-in.ts'
import { makeLocalLink } from './local-link.ts'

let running: SignInUnderTest
let api: ApiUnderTest
let admin: Asker
beforeAll(async () => {
  running = await startSignInUnderTest()
  api = running.api
  admin = await api.user('root', 'admin')
})
afterAll(() => running[Symbol.asyncDispose]())

let count = 0
const name = (what: string) => `${what} ${String((count += 1))}`

/** A browser with a session of theirs whose user showed who they are so long ago. */
async function sessionOf({ id: userId }: Asker, agoMs: number): Promise<Browser> {
  const provenAt = api.store.now() - agoMs
  const value = await api.store.sessions.create({ userId, userAgent: 'a browser', provenAt })
  const browser = new Browser(api, testPublicUrl)
  await browser.keep(`wikistead-session=${value}`)
  return browser
}
const stale = (of: Asker) => sessionOf(of, usualFreshForMs + 1_000)

/** Each of the gravest acts, and how one sees that it was done. */
async function acts() {
  const other = await api.user(name('other'))
  const blocked = await api.user(name('blocked'))
  await api.store.users.setBlocked(blocked.id, true)
  const user = async (id: number) => api.store.users.get(id)
  const { wiki_id: id } = await api.wiki(admin, `grave-${String((count += 1))}.wiki.test`)
  const subject = name('made')
  const tokens = async () => (await api.store.tokens.of(admin.id)).map(({ token_hash: hash }) => hash)
  return [
    ['POST', '/v1/tokens', { label: 'x', scopes: ['read'] }, tokens],
    ['POST', '/v1/users', { name: 'x', subject, role: 'admin' }, () => api.store.users.list({ limit: 200 })],
    ['PATCH', `/v1/users/${String(other.id)}`, { role: 'admin' }, () => user(other.id)],
    ['PATCH', `/v1/users/${String(blocked.id)}`, { blocked: false }, () => user(blocked.id)],
    ['POST', `/v1/wikis/${String(id)}/transfer`, undefined, () => api.store.transfers.of(admin.id)],
    ['PATCH', `/v1/wikis/${String(id)}`, { owner_id: other.id }, () => api.store.wikis.get(id)],
    ['DELETE', `/v1/wikis/${String(id)}?now=1`, undefined, () => api.store.wikis.get(id)],
    ['POST', `/v1/wikis/${String(id)}/first-sign-in`, undefined, () => Promise.resolve()],
    ['PUT', '/v1/fedwiki/sync', { default_user_id: other.id }, () => Promise.resolve()],
  ] as const
}

describe('a session whose user signed in too long ago', () => {
  test('does none of the gravest acts', async () => {
    const thief = await stale(admin)
    for (const [method, path, body, look] of await acts()) {
      const before = JSON.stringify(await look())
      const answer = await thief.act(method, path, body)
      expect([path, answer.status, answer.body['code']]).toEqual([path, 403, 'fresh_sign_in_required'])
      expect(JSON.stringify(await look())).toBe(before)
    }
  })

  test('adds no identity', async () => {
    const thief = await stale(admin)
    for (const path of ['/auth/link', '/auth/link/hub']) {
      expect((await thief.ask('GET', path)).body['code']).toBe('fresh_sign_in_required')
    }
    const page = await thief.open('/auth/link')
    expect(page.url).toBe(`${testPublicUrl}/account?error=fresh_sign_in_required`)
  })

  test('does all the rest', async () => {
    const browser = await stale(admin)
    const member = await api.user(name('member'))
    const change = { blocked: true, name: 'Blocked', site_limit: 1 }
    expect((await browser.act('PATCH', `/v1/users/${String(member.id)}`, change)).status).toBe(200)
    const { wiki_id: id } = await api.wiki(admin, `rest-${String((count += 1))}.wiki.test`)
    expect((await browser.act('PATCH', `/v1/wikis/${String(id)}`, { name: 'Renamed' })).status).toBe(200)
    expect((await browser.act('DELETE', `/v1/wikis/${String(id)}`)).status).toBe(202)
  })

  test('removes nothing where nothing can be restored', async () => {
    const { fedwiki } = { fedwiki: { rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test' } } }
    await using final = await startSignInUnderTest({
      fedwiki: {
        ...{ rules: { ...fedwiki.rules, customDomains: false }, siteLimit: 5, isEmbedded: false },
        ...{ siteUrl: (domain) => domain, proveControl: () => Promise.resolve(), undoWindowMs: 0 },
      },
    })
    const owner = await final.api.user('owner')
    const { wiki_id: id } = await final.api.wiki(owner, 'final.wiki.test')
    const value = await final.api.store.sessions.create({ userId: owner.id, userAgent: '' })
    const browser = new Browser(final.api, testPublicUrl)
    await browser.keep(`wikistead-session=${value}`)
    const answer = await browser.act('DELETE', `/v1/wikis/${String(id)}`)
    expect(answer.body['code']).toBe('fresh_sign_in_required')
    expect((await final.api.store.wikis.get(id)).status).toBe('active')
  })
})

test('where the settings ask nobody, a session does what its user may', async () => {
  await using trusting = await startSignInUnderTest({ freshForMs: 0 })
  const { id: userId } = await trusting.api.user('member')
  const value = await trusting.api.store.sessions.create({ userId, userAgent: '' })
  const browser = new Browser(trusting.api, testPublicUrl)
  await browser.keep(`wikistead-session=${value}`)
  const { body } = await browser.ask('GET', '/v1/session')
  expect(body['fresh_until']).toBe(body['expires_at'])
  expect((await browser.act('POST', '/v1/tokens', { label: 'x', scopes: ['read'] })).status).toBe(201)
})

describe('a token that was stolen while it has a minute to go', () => {
  const minute = 60_000
  const stolen = async (...scopes: ('read' | 'wikis' | 'operate' | 'admin' | 'sensitive')[]) => {
    const expiresAt = api.store.now() + minute
    return {
      id: admin.id,
      token: await api.store.tokens.issue(admin.id, { label: 'x', scopes, expiresAt }),
    }
  }

  test('does none of the gravest acts, unless it was made for them', async () => {
    const as = await stolen('read', 'wikis', 'operate', 'admin')
    for (const [method, path, body, look] of await acts()) {
      const before = JSON.stringify(await look())
      const answer = await api.ask(method, path, { as, body })
      expect([path, answer.status, answer.body['code']]).toEqual([path, 403, 'scope_missing'])
      expect(answer.body['details']).toEqual({ scope: 'sensitive' })
      expect(JSON.stringify(await look())).toBe(before)
    }
    const member = await api.user(name('promoted'))
    const made = await stolen('operate', 'admin', 'sensitive')
    const path = `/v1/users/${String(member.id)}`
    const given = await api.ask('PATCH', path, { as: made, body: { role: 'operator' } })
    expect([given.status, given.body['role']]).toEqual([200, 'operator'])
  })

  test('makes no session that does, and a scope that it lacks is in nothing that it makes', async () => {
    const refused = await api.ask('POST', '/auth/local', { as: await stolen('admin') })
    expect(refused.body).toMatchObject({ code: 'scope_missing', details: { scope: 'sensitive' } })
    // A link that was asked for by what may ask for one shows nobody: what may be done is what the token may.
    const maker = { scopes: ['read', 'wikis', 'operate', 'admin'] as const, endsAt: null, isOwner: false }
    const { secret, row } = await api.store.tokens.issueRow(admin.id, {
      ...{ label: 'x', scopes: [...maker.scopes], expiresAt: api.store.now() + minute },
    })
    const link = await makeLocalLink(api.store, '', admin.id, { ...maker, madeBy: row.token_hash })
    const browser = new Browser(api, testPublicUrl)
    await browser.ask('GET', link.url)
    const { body } = await browser.ask('GET', '/v1/session')
    expect([await browser.who(), body['fresh_until']]).toEqual(['root', null])
    const member = await api.user(name('not promoted'))
    for (const answer of [
      await browser.act('PATCH', `/v1/users/${String(member.id)}`, { role: 'admin' }),
      await api.ask('POST', '/v1/tokens', {
        ...{ as: { id: admin.id, token: secret }, body: { label: 'y', scopes: ['sensitive'] } },
      }),
    ]) {
      expect(answer.body['code']).toBe('scope_missing')
    }
    expect((await api.store.users.get(member.id)).role).toBe('member')
  })
})

describe('the machine’s owner', () => {
  test('shows who they are by the token of the data folder, and by a link of theirs', async () => {
    const secret = 'the-secret-of-a-data-folder-for-fresh-sign-ins'
    const expiresAt = api.store.now() + 3_600_000
    await api.store.tokens.adopt(admin.id, secret, { label: 'bootstrap', expiresAt })
    const as = { id: admin.id, token: secret }
    const member = await api.user(name('given a role'))
    const path = `/v1/users/${String(member.id)}`
    expect((await api.ask('PATCH', path, { as, body: { role: 'operator' } })).status).toBe(200)
    const { body } = await api.ask('POST', '/auth/local', { as })
    const browser = await stale(admin)
    expect((await browser.act('PATCH', path, { role: 'member' })).body['code']).toBe('fresh_sign_in_required')
    await browser.ask('GET', String(body['url']).slice(testPublicUrl.length))
    expect((await browser.act('PATCH', path, { role: 'member' })).status).toBe(200)
  })

  test('whose link was opened long ago opens another', async () => {
    const browser = await stale(admin)
    const { body } = await browser.act('POST', '/v1/tokens', { label: 'x', scopes: ['read'] })
    expect(body).toMatchObject({
      details: { sign_in: null, fresh_for_seconds: usualFreshForMs / 1_000 },
      detail: expect.stringContaining('wikistead sign-in-link') as string,
    })
    await browser.ask('GET', (await makeLocalLink(api.store, '', admin.id)).url)
    expect((await browser.act('POST', '/v1/tokens', { label: 'x', scopes: ['read'] })).status).toBe(201)
  })
})

describe('a fresh sign-in at the provider', () => {
  const again = '/auth/sign-in?fresh=1&return_to=/account'
  const token = (browser: Browser) => browser.act('POST', '/v1/tokens', { label: 'mine', scopes: ['read'] })
  /** Signed in an hour ago. */
  async function signedIn(sub: string): Promise<Browser> {
    const browser = await running.browserOf(sub)
    await browser.open('/auth/sign-in')
    ageSignIns(api.storeConfig)
    return browser
  }

  test('is asked for, told where, and good for what was refused', async () => {
    const browser = await signedIn(name('ada'))
    const { status, body } = await token(browser)
    expect([status, body]).toEqual([
      ...[403, expect.objectContaining({ code: 'fresh_sign_in_required' }) as object],
    ])
    expect(body['details']).toMatchObject({ sign_in: '/auth/sign-in?fresh=1' })
    const before = await browser.cookies()
    const asked = new URL(String((await browser.ask('GET', again)).headers['location']))
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({ prompt: 'login', max_age: '900' })
    expect((await browser.open(again)).url).toBe(`${testPublicUrl}/account`)
    expect((await browser.cookies())['wikistead-session']).not.toBe(before['wikistead-session'])
    const { fresh_until: until, sign_in_again: url } = (await browser.ask('GET', '/v1/session')).body
    expect([Date.parse(String(until)) > api.store.now(), url]).toEqual([true, '/auth/sign-in?fresh=1'])
    expect((await token(browser)).status).toBe(201)
  })

  test('is nobody else’s, and makes nobody', async () => {
    const browser = await signedIn(name('bob'))
    const who = await browser.who()
    const [known, stranger] = [name('known'), name('stranger')]
    await signedIn(known)
    for (const sub of [known, stranger]) {
      await running.become(browser, sub)
      await browser.keep('_session=; Path=/; Max-Age=0', running.provider.issuer)
      const answer = await browser.ask('GET', await atCallback(browser, again))
      expect([answer.status, answer.body['code']]).toEqual([409, 'signed_in_as_other'])
      expect([await browser.who(), (await token(browser)).status]).toEqual([who, 403])
    }
    expect(await api.store.users.byIdentity(running.provider.issuer, stranger)).toBeUndefined()
  })

  test('is none where the question was changed on its way, so that the provider asks nobody', async () => {
    const sub = name('carol')
    const browser = await signedIn(sub)
    const { headers } = await browser.ask('GET', again)
    const asked = new URL(String(headers['location']))
    for (const each of ['prompt', 'max_age']) asked.searchParams.delete(each)
    // Somebody else sits there: nobody could sign in.
    await browser.keep('member=; Path=/; Max-Age=0', running.provider.issuer)
    const page = await browser.open(asked.href)
    expect(page.url).toBe(`${testPublicUrl}/sign-in?error=sign_in_not_fresh`)
    expect((await token(browser)).body['code']).toBe('fresh_sign_in_required')
  })

  test('is none where the sign-in at the provider is older than it may be', async () => {
    await using strict = await startSignInUnderTest({ freshForMs: 1_000 })
    const browser = await strict.browserOf('dora')
    await browser.open('/auth/sign-in')
    // By the provider's clock, whose seconds are whole.
    const askAgain = async (): Promise<string> => {
      const { headers } = await browser.ask('GET', again)
      const asked = new URL(String(headers['location']))
      asked.searchParams.delete('prompt')
      asked.searchParams.set('max_age', '3600')
      return (await browser.open(asked.href)).url
    }
    await expect.poll(askAgain).toBe(`${testPublicUrl}/sign-in?error=sign_in_not_fresh`)
  })

  test('takes over what was made before: it ends where the sign-in is ended from elsewhere', async () => {
    const sub = name('eve')
    const browser = await signedIn(sub)
    await browser.open(again)
    const secret = String((await token(browser)).body['secret'])
    await browser.open(again)
    const status = async () => (await api.ask('GET', '/v1/users/me', { as: { id: 0, token: secret } })).status
    expect(await status()).toBe(200)
    const elsewhere = await signedIn(sub)
    const { sessions } = (await elsewhere.ask('GET', '/v1/sessions')).body as {
      sessions: { id: string; current: boolean }[]
    }
    const other = sessions.find(({ current }) => !current)?.id ?? ''
    expect((await elsewhere.act('DELETE', `/v1/sessions/${other}`)).status).toBe(204)
    expect(await status()).toBe(401)
  })
})
