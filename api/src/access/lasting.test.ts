/** What somebody tries who has a credential for a minute: nothing that it makes may do more, rank higher or stand longer. */
import type { TokenScope } from '@wikistead/contracts'
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let admin: Asker
  beforeAll(async () => {
    const service = { keys: () => [], issuer: 'https://hub.test', audience: () => testPublicUrl }
    api = await startApiUnderTest({ storeEngine, deps: { service } })
    admin = await api.user('root', 'admin')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const minute = 60_000
  const every: readonly TokenScope[] = ['read', 'wikis', 'operate', 'admin', 'sensitive']
  /** A token that was stolen while it has a minute to go. */
  async function stolen(of = admin, scopes: readonly TokenScope[] = every) {
    const expiresAt = api.store.now() + minute
    const { secret, row } = await api.store.tokens.issueRow(of.id, { label: 'x', scopes, expiresAt })
    return { as: { id: of.id, token: secret }, expiresAt, id: row.token_hash.slice(0, 32) }
  }
  const revoke = (id: string, as = admin) => api.ask('DELETE', `/v1/tokens/${id}`, { as })
  const statusOf = async (token: string, path = '/v1/users/me') =>
    (await api.ask('GET', path, { as: { id: 0, token } })).status
  const made = async (as: Asker, body: object = {}) => {
    const answer = await api.ask('POST', '/v1/tokens', {
      as,
      body: { label: 'ci', scopes: ['read'], ...body },
    })
    return { ...answer, secret: String(answer.body['secret']) }
  }
  let count = 0
  const newUser = async (as: Asker, more: object = {}) => {
    const body = { name: 'New', subject: `new-${String(count++)}`, ...more }
    const { status, body: told } = await api.ask('POST', '/v1/users', { as, body })
    return { status, ...(told as { user: { id: number; role: string }; token: string | null }) }
  }
  /** A browser that is signed in by a link that was asked for by that token. */
  async function byLinkOf(as: Asker): Promise<Browser> {
    const { status, body } = await api.ask('POST', '/auth/local', { as })
    expect(status).toBe(201)
    const browser = new Browser(api, testPublicUrl)
    await browser.ask('GET', String(body['url']).slice(testPublicUrl.length))
    return browser
  }
  /** The store's time goes on for what ends then: as if that moment had come. */
  const endedAt = async (token: string, at: number) => {
    const row = await api.store.tokens.find(token)
    expect(row?.endsAt).toBeLessThanOrEqual(at)
  }

  describe('POST /v1/users', () => {
    test('hands out no token of somebody who is known, be it oneself', async () => {
      const { as } = await stolen()
      for (const subject of ['sub-of-root', 'sub-of-victim']) {
        if (subject !== 'sub-of-root') await api.user('victim', 'admin')
        const again = await newUser(as, { subject, issuer: 'test' })
        expect([again.status, again.token]).toEqual([200, null])
      }
    })

    test('of two at once for somebody new, one gets a token', async () => {
      const { as } = await stolen()
      const both = await Promise.all([1, 2, 3].map(() => newUser(as, { subject: 'wanted by three' })))
      expect(both.filter(({ token }) => token !== null)).toHaveLength(1)
    })

    test('makes a token that ends with the one that asked, at its time or before', async () => {
      const { as, expiresAt, id } = await stolen()
      const { token, status } = await newUser(as)
      expect([status, await statusOf(token ?? '')]).toEqual([201, 200])
      await endedAt(token ?? '', expiresAt)
      expect((await revoke(id)).status).toBe(200)
      expect(await statusOf(token ?? '')).toBe(401)
    })

    test('makes a token with no more scopes than the one that asked', async () => {
      const { as } = await stolen(admin, ['admin', 'sensitive'])
      const { token } = await newUser(as, { role: 'admin' })
      expect(await statusOf(token ?? '')).toBe(403)
      const { token: whole } = await newUser((await stolen()).as, { role: 'admin' })
      expect(await statusOf(whole ?? '', '/v1/users')).toBe(200)
    })

    test('makes a token that ranks no higher than who made it does now, whatever its user is', async () => {
      const falling = await api.user('falling', 'admin')
      const { token } = await newUser(falling, { role: 'admin' })
      expect(await statusOf(token ?? '', '/v1/alarms')).toBe(200)
      const child = await made({ id: 0, token: token ?? '' }, { scopes: ['read'] })
      await api.store.users.change(falling.id, { role: 'member' })
      expect(await statusOf(token ?? '', '/v1/alarms')).toBe(403)
      expect(await statusOf(child.secret, '/v1/alarms')).toBe(403)
      await api.store.users.setBlocked(falling.id, true)
      expect([await statusOf(token ?? ''), await statusOf(child.secret)]).toEqual([401, 401])
    })
  })

  describe('a token that a token made', () => {
    test('ends with it, and so does what that made, however it goes on', async () => {
      const { as, id, expiresAt } = await stolen()
      const child = await made(as, { scopes: ['read', 'wikis', 'sensitive'], expires_in: '365d' })
      const grandchild = await made({ id: 0, token: child.secret }, { expires_in: '365d' })
      await endedAt(grandchild.secret, expiresAt)
      expect([await statusOf(child.secret), await statusOf(grandchild.secret)]).toEqual([200, 200])
      await revoke(id)
      expect([await statusOf(child.secret), await statusOf(grandchild.secret)]).toEqual([401, 401])
      const { body } = await api.ask('GET', '/v1/tokens', { as: admin })
      expect(JSON.stringify(body)).not.toContain('"ci"')
    })

    test('does not stand where the one that made it was revoked in the same moment', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { as, id } = await stolen()
        const [child] = await Promise.all([made(as), revoke(id)])
        if (child.status === 201) expect(await statusOf(child.secret)).toBe(401)
      }
    })

    test('makes none in turn when the line has become long', async () => {
      let as: Asker = (await stolen()).as
      const statuses: number[] = []
      for (let step = 0; step < 6; step += 1) {
        const child = await made(as, { scopes: ['read', 'wikis', 'sensitive'] })
        statuses.push(child.status)
        if (child.status === 201) as = { id: 0, token: child.secret }
      }
      expect(statuses).toEqual([201, 201, 201, 403, 403, 403])
      expect(await statusOf(as.token)).toBe(200)
    })
  })

  describe('POST /auth/local', () => {
    test('makes a session that ends with the token that asked, at its time or before', async () => {
      const { as, id, expiresAt } = await stolen()
      const browser = await byLinkOf(as)
      const session = await browser.ask('GET', '/v1/session')
      expect(Date.parse(String(session.body['expires_at']))).toBeLessThanOrEqual(expiresAt)
      const token = await browser.act('POST', '/v1/tokens', { label: 'ci', scopes: ['read'] })
      const secret = String(token.body['secret'])
      await endedAt(secret, expiresAt)
      const known = await browser.act('POST', '/v1/users', { name: 'x', subject: 'through a session' })
      const theirs = String(known.body['token'])
      expect([await statusOf(secret), await statusOf(theirs), await browser.who()]).toEqual([
        200,
        200,
        'root',
      ])
      await revoke(id)
      expect([await statusOf(secret), await statusOf(theirs)]).toEqual([401, 401])
      expect(await browser.who()).toBeUndefined()
    })

    test('makes a session that may no more than the token that asked', async () => {
      const browser = await byLinkOf((await stolen(admin, ['read', 'admin', 'wikis', 'sensitive'])).as)
      for (const [method, path, body] of [
        ['PATCH', `/v1/users/${String(admin.id)}`, { name: 'Root' }],
        ['POST', '/v1/tokens', { label: 'ci', scopes: ['read', 'operate'] }],
      ] as const) {
        const more = await browser.act(method, path, body)
        expect(more.body).toMatchObject({ code: 'scope_missing', details: { scope: 'operate' } })
      }
    })

    test('makes a link that is nothing once the token that asked is revoked', async () => {
      const { as, id } = await stolen()
      const { body } = await api.ask('POST', '/auth/local', { as })
      await revoke(id)
      const answer = await api.ask('GET', String(body['url']).slice(testPublicUrl.length))
      expect([answer.status, answer.body['code']]).toEqual([410, 'link_expired'])
    })

    test('makes no session from a session', async () => {
      const browser = await byLinkOf(admin)
      expect((await browser.act('POST', '/auth/local')).body['code']).toBe('forbidden')
    })

    test('makes a session that links no identity, for that would stand for good', async () => {
      const browser = await byLinkOf((await stolen()).as)
      for (const path of ['/auth/link', '/auth/link/hub']) {
        const { status, body } = await browser.ask('GET', path)
        expect([path, status, body['code']]).toEqual([path, 403, 'forbidden'])
      }
    })
  })

  test('an offer of a wiki ends with the token that made it, at its time or before', async () => {
    const [owner, friend] = [await api.user('the owner'), await api.user('a friend')]
    const { as, id, expiresAt } = await stolen(owner, ['wikis', 'sensitive'])
    const { wiki_id: wiki } = await api.wiki(owner, `offered-${String(count++)}.wiki.test`)
    const { body } = await api.ask('POST', `/v1/wikis/${String(wiki)}/transfer`, { as })
    const told = body as { url: string; transfer: { expires_at: string } }
    expect(Date.parse(told.transfer.expires_at)).toBeLessThanOrEqual(expiresAt)
    const path = `/v1${told.url.slice(testPublicUrl.length)}`
    expect((await api.ask('GET', path, { as: friend })).status).toBe(200)
    expect((await revoke(id, owner)).status).toBe(200)
    expect((await api.ask('POST', `${path}/accept`, { as: friend })).body['code']).toBe('transfer_ended')
  })

  test('a token that ends makes no link under which a password is chosen, for that would stand for good', async () => {
    const owner = await api.user('a founder')
    const { as } = await stolen(owner)
    const more = { engine: 'mediawiki', host: 'h1' } as const
    const { wiki_id: wiki } = await api.wiki(owner, `w${String(count++)}`, more)
    const answer = await api.ask('POST', `/v1/wikis/${String(wiki)}/first-sign-in`, { as })
    expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden'])
  })

  describe('in a sign-in of one’s own', () => {
    async function signedIn(of: Asker) {
      const value = await api.store.sessions.create({
        ...{ userId: of.id, userAgent: 'a browser', provenAt: api.store.now() },
      })
      const browser = new Browser(api, testPublicUrl)
      await browser.keep(`wikistead-session=${value}`)
      return browser
    }
    const makeIn = async (browser: Browser) =>
      String((await browser.act('POST', '/v1/tokens', { label: 'mine', scopes: ['read'] })).body['secret'])
    const idOf = async (browser: Browser) => {
      const { sessions } = (await browser.ask('GET', '/v1/sessions')).body as {
        sessions: { id: string; current: boolean }[]
      }
      return sessions.find(({ current }) => current)?.id ?? ''
    }

    test('what is made stays when one signs out, and ends when the sign-in is ended from elsewhere', async () => {
      const ada = await api.user('ada')
      const [thief, here] = [await signedIn(ada), await signedIn(ada)]
      const [kept, lost] = [await makeIn(here), await makeIn(thief)]
      expect((await here.act('DELETE', `/v1/sessions/${await idOf(thief)}`)).status).toBe(204)
      expect([await statusOf(kept), await statusOf(lost)]).toEqual([200, 401])
      expect((await here.act('POST', '/auth/sign-out')).status).toBe(200)
      expect(await statusOf(kept)).toBe(200)
    })

    test('what is made ends when an admin ends all sign-ins of its maker', async () => {
      const ada = await api.user('ada again')
      const secret = await makeIn(await signedIn(ada))
      const path = `/v1/users/${String(ada.id)}/sessions`
      expect((await api.ask('DELETE', path, { as: admin })).status).toBe(204)
      expect(await statusOf(secret)).toBe(401)
      expect(await statusOf(ada.token)).toBe(200)
    })

    test('nothing is made in the moment in which it ends', async () => {
      const ada = await api.user('ada once more')
      const other = await signedIn(ada)
      for (let round = 0; round < 5; round += 1) {
        const browser = await signedIn(ada)
        const id = await idOf(browser)
        const [secret] = await Promise.all([makeIn(browser), other.act('DELETE', `/v1/sessions/${id}`)])
        expect(await statusOf(secret)).toBe(401)
      }
    })
  })

  test('what the token of a data folder makes acts whenever that does', async () => {
    const local = await api.user('local', 'admin')
    const secret = `the-secret-of-a-data-folder-on-${storeEngine}`
    const adopt = () =>
      api.store.tokens.adopt(local.id, secret, { label: 'bootstrap', expiresAt: api.store.now() + minute })
    await adopt()
    const browser = await byLinkOf({ id: local.id, token: secret })
    const { token } = await newUser({ id: local.id, token: secret })
    const answers = async () => [await browser.who(), await statusOf(token ?? '')]
    expect(await answers()).toEqual(['local', 200])
    // As any sign-in of one's own, it may link identities; there is no provider here to do it at.
    expect((await browser.ask('GET', '/auth/link')).body['code']).toBe('sign_in_off')
    await api.store.tokens.disown(secret)
    expect(await answers()).toEqual([undefined, 401])
    await adopt()
    expect(await answers()).toEqual(['local', 200])
    const left = Date.parse(String((await browser.ask('GET', '/v1/session')).body['expires_at'])) - Date.now()
    expect(left).toBeGreaterThan(3_600_000)
  })
})
