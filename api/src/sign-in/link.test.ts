/** One person, several identities: linking them, and as whom each engine then knows the person. */
import { testPublicUrl, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { atCallback, startSignInUnderTest, type SignInUnderTest } from '@wikistead/test/sign-in'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLocalLink } from './local-link.ts'

const hub = 'https://hub.wikis.test'

let running: SignInUnderTest
let api: ApiUnderTest
let issuer: string
beforeAll(async () => {
  running = await startSignInUnderTest({
    service: { keys: () => [], issuer: hub, audience: () => testPublicUrl },
    mediawiki: {
      ...{ requireSlug: (slug) => slug, requireName: () => undefined, wikiLimit: 5, search: 'core' },
      ...{ patienceMs: 60_000, wikiUrl: (slug) => `https://${slug}.wikis.test`, undoWindowMs: 0 },
      ...{ rootHost: 'wikis.test', hubUrl: hub, languages: [] },
    },
  })
  api = running.api
  issuer = running.provider.issuer
})
afterAll(() => running[Symbol.asyncDispose]())

/** In whose browser the provider knows somebody else. */
async function signedIn({ id }: Asker, sub: string): Promise<Browser> {
  const browser = await running.browserOf(sub)
  await browser.ask('GET', (await makeLocalLink(api.store, '', id)).url)
  expect(await browser.who()).toBeDefined()
  return browser
}

const identitiesOf = async ({ id }: Asker) =>
  (await api.store.users.identities(id)).map(({ subject }) => subject)

/** Somebody who only ever signed in at the provider. */
async function member(sub: string): Promise<{ asker: Asker; browser: Browser }> {
  const browser = await running.browserOf(sub)
  await browser.open('/auth/sign-in')
  const { user } = (await browser.ask('GET', '/v1/session')).body as { user: { id: number } }
  return { asker: { id: user.id, token: await api.store.tokens.issue(user.id, { label: sub }) }, browser }
}

const refusalOf = async (browser: Browser, path: string) => {
  const { status, body } = await browser.ask('GET', path)
  return [status, body['code']]
}

describe('a second sign-in', () => {
  test('adds its identity, and the session is another afterwards', async () => {
    const ada = await api.user('Ada')
    const browser = await signedIn(ada, 'ada-at-the-provider')
    const before = await browser.cookies()
    const began = new URL(String((await browser.ask('GET', '/auth/link')).headers['location']))
    expect(began.searchParams.get('prompt')).toBe('login')
    const page = await browser.open('/auth/link?return_to=/account')
    expect(page.url).toBe(`${testPublicUrl}/account`)
    expect(await identitiesOf(ada)).toEqual(['ada-at-the-provider', 'sub-of-Ada'])
    expect(await browser.who()).toBe('Ada')
    expect((await browser.cookies())['wikistead-session']).not.toBe(before['wikistead-session'])
    // She may sign in with it from now on, and linking it again changes nothing.
    const elsewhere = await running.browserOf('ada-at-the-provider')
    await elsewhere.open('/auth/sign-in')
    expect(await elsewhere.who()).toBe('Ada')
    await browser.open('/auth/link')
    expect(await identitiesOf(ada)).toEqual(['ada-at-the-provider', 'sub-of-Ada'])
  })

  test('that made a user of its own before brings all that they had', async () => {
    const bob = await api.user('Bob')
    const { asker: other, browser: others } = await member('bob-at-the-provider')
    const wiki = await api.wiki(other, 'bobs.wiki.test')
    await api.store.transaction(async ({ tasks }) => {
      for (const [taskId, user] of [
        ['others-task', other],
        ['bobs-task', bob],
      ] as const) {
        await tasks.insert({
          ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: wiki.wiki_id, userId: user.id },
          ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
        })
        await tasks.append({ taskId, run: 1, event: { type: 'status', status: 'failed', code: 'fault' } })
      }
      await tasks.rememberIdempotencyKey(other.id, 'theirs', 'hash', 'others-task')
      await tasks.rememberIdempotencyKey(other.id, 'both', 'hash', 'others-task')
      await tasks.rememberIdempotencyKey(bob.id, 'both', 'hash', 'bobs-task')
    })
    const browser = await signedIn(bob, 'bob-at-the-provider')
    await browser.open('/auth/link')
    expect(await identitiesOf(bob)).toEqual(['bob-at-the-provider', 'sub-of-Bob'])
    expect(await identitiesOf(other)).toEqual([])
    expect((await api.store.wikis.get(wiki.wiki_id)).owner_id).toBe(bob.id)
    expect((await api.store.tasks.get('others-task')).user_id).toBe(bob.id)
    const keyed = async (key: string) => (await api.store.tasks.byIdempotencyKey(bob.id, key))?.taskId
    expect([await keyed('theirs'), await keyed('both')]).toEqual(['others-task', 'bobs-task'])
    expect((await api.ask('GET', '/v1/users/me', { as: other })).body).toMatchObject({ id: bob.id })
    expect(await others.who()).toBeUndefined()
  })

  test('is refused while a task of that user is at work', async () => {
    const eve = await api.user('Eve')
    const { asker: other } = await member('eve-at-the-provider')
    await api.store.transaction(async ({ tasks }) => {
      await tasks.insert({
        ...{ taskId: 'at-work', kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: other.id },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
      })
    })
    const browser = await signedIn(eve, 'eve-at-the-provider')
    expect(await refusalOf(browser, await atCallback(browser, '/auth/link'))).toEqual([409, 'busy'])
    expect((await browser.open('/auth/link')).url).toBe(`${testPublicUrl}/account?error=busy`)
    expect(await identitiesOf(eve)).toEqual(['sub-of-Eve'])
  })

  test.each([
    [
      'signs in another way as well',
      'two',
      (id: number) => api.store.users.takeIdentity(id, { issuer: 'x', subject: 'y' }),
    ],
    ['is an operator', 'op', (id: number) => api.store.users.change(id, { role: 'operator' })],
    ['is blocked', 'blocked', (id: number) => api.store.users.setBlocked(id, true)],
  ])('of somebody who %s is refused', async (_how, sub, arrange) => {
    const thief = await api.user(`thief of ${sub}`)
    const { asker: other } = await member(sub)
    await arrange(other.id)
    const browser = await signedIn(thief, sub)
    expect(await refusalOf(browser, await atCallback(browser, '/auth/link'))).toEqual([409, 'identity_taken'])
    expect((await api.store.users.byIdentity(issuer, sub))?.user_id).toBe(other.id)
    expect(await browser.who()).toBe(`thief of ${sub}`)
  })

  test('that two begin at once is one’s', async () => {
    await member('contended')
    const rivals = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        const asker = await api.user(`rival ${name}`)
        const browser = await signedIn(asker, 'contended')
        return { asker, browser, path: await atCallback(browser, '/auth/link') }
      }),
    )
    const answers = await Promise.all(rivals.map(({ browser, path }) => browser.ask('GET', path)))
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 409, 409])
    const winner = rivals[answers.findIndex(({ status }) => status === 302)]
    expect((await api.store.users.byIdentity(issuer, 'contended'))?.user_id).toBe(winner?.asker.id)
  })

  test('is nobody’s to begin from another site, or without a session', async () => {
    const browser = await signedIn(await api.user('Mary'), 'mary-at-the-provider')
    for (const path of ['/auth/link', '/auth/link/hub']) {
      for (const from of ['cross-site', 'same-site']) {
        const answer = await browser.ask('GET', path, { headers: { 'sec-fetch-site': from } })
        expect([answer.status, answer.body['code']]).toEqual([403, 'csrf_mismatch'])
      }
      expect(await refusalOf(new Browser(api, testPublicUrl), path)).toEqual([401, 'unauthenticated'])
    }
    const stranger = await new Browser(api, testPublicUrl).open('/auth/link')
    expect(stranger.url).toBe(`${testPublicUrl}/sign-in?error=unauthenticated`)
  })

  test('ends nowhere when another has signed in there in between', async () => {
    const [first, second] = [await api.user('First'), await api.user('Second')]
    const browser = await signedIn(first, 'in-between')
    const path = await atCallback(browser, '/auth/link')
    await browser.ask('GET', (await makeLocalLink(api.store, '', second.id)).url)
    expect(await refusalOf(browser, path)).toEqual([400, 'sign_in_failed'])
    const again = await signedIn(first, 'in-between')
    const late = await atCallback(again, '/auth/link')
    await again.act('POST', '/auth/sign-out')
    expect(await refusalOf(again, late)).toEqual([400, 'sign_in_failed'])
    expect(await api.store.users.byIdentity(issuer, 'in-between')).toBeUndefined()
  })
})

describe('the hub’s account', () => {
  test('is confirmed on the hub, by a code for one user and one use', async () => {
    const rosa = await api.user('Rosa')
    const browser = await signedIn(rosa, 'x')
    const answer = await browser.ask('GET', '/auth/link/hub')
    const url = new URL(String(answer.headers['location']))
    expect([answer.status, url.origin + url.pathname, url.searchParams.get('title')]).toEqual([
      ...[302, `${hub}/index.php`, 'Special:WikiFarm/Link'],
    ])
    const code = url.searchParams.get('code') ?? ''
    expect(code).toMatch(/^[\w-]{43}$/)
    const session = expect.stringMatching(/^[\da-f]{64}$/) as string
    expect(await api.store.once.take('hub_link', code)).toEqual({
      ...{ detail: { session, return_to: '/account' }, userId: rosa.id },
    })
  })

  test('is nothing where there is no hub that we speak with', async () => {
    await using alone = await startSignInUnderTest()
    const browser = await alone.browserOf('somebody')
    await browser.open('/auth/sign-in?fresh=1')
    expect(await refusalOf(browser, '/auth/link/hub')).toEqual([503, 'sign_in_off'])
  })
})

let count = 0
const site = () => ({ engine: 'fedwiki', domain: `site-${String(count++)}` })
const wiki = (more = {}) => ({
  engine: 'mediawiki',
  slug: `w-${String(count++)}`,
  name: 'W',
  language: 'en',
  ...more,
})
/** The wiki's row that came of it, or the refusal. */
async function made(as: Asker, body: object, at = api) {
  const answer = await at.ask('POST', '/v1/wikis', { as, body })
  if (answer.status !== 202) return answer
  return at.store.wikis.get(Number(answer.body['wiki_id']))
}

describe('a FedWiki site', () => {
  test('belongs to the `sub` at the provider, whatever else its owner is known by', async () => {
    const grace = await api.user('Grace')
    expect(await made(grace, site())).toMatchObject({
      ...{ status: 409, body: { code: 'identity_needed' } },
    })
    const answer = await api.ask('POST', '/v1/wikis', { as: grace, body: site() })
    const link = `${testPublicUrl}/auth/link?return_to=/account`
    expect(answer.body).toMatchObject({
      ...{ details: { link }, detail: expect.stringContaining(link) as string },
    })
    await api.store.users.takeIdentity(grace.id, { issuer: 'a-first-one', subject: 'of another issuer' })
    await api.store.users.takeIdentity(grace.id, { issuer: hub, subject: '12' })
    expect(await made(grace, site())).toMatchObject({ status: 409 })
    const browser = await signedIn(grace, 'grace-at-the-provider')
    await browser.open('/auth/link')
    expect(await made(grace, site())).toMatchObject({ owner_subject: 'grace-at-the-provider' })
  })

  test('is given only to somebody whom the farm can know', async () => {
    const { asker: giver } = await member('the-giver')
    const operator = await api.user('operator', 'operator')
    const unknown = await api.user('Unknown')
    const { wiki_id: id } = await api.wiki(giver, 'given.wiki.test')
    const body = { owner_id: unknown.id }
    const answer = await api.ask('PATCH', `/v1/wikis/${String(id)}`, { as: operator, body })
    expect([answer.status, answer.body['code']]).toEqual([409, 'identity_needed'])
    expect(answer.body['detail']).toContain('Unknown’s')
  })

  test('of the local admin is theirs on the farm that we bring, and on no other', async () => {
    const local = async (at: ApiUnderTest): Promise<Asker> => {
      const { user_id: id } = await at.store.users.ensure({
        ...{ name: 'Local admin', role: 'admin', issuer: 'bootstrap', subject: 'wikistead-local-admin' },
      })
      return { id, token: await at.store.tokens.issue(id, { label: 'x' }) }
    }
    const fedwiki = {
      rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test', customDomains: false },
      ...{ siteLimit: 10, siteUrl: (domain: string) => domain, undoWindowMs: 0, isEmbedded: true },
      proveControl: () => Promise.resolve(),
    }
    await using embedded = await startSignInUnderTest({ fedwiki })
    expect(await made(await local(embedded.api), site(), embedded.api)).toMatchObject({
      owner_subject: 'wikistead-local-admin',
    })
    expect(await made(await local(api), site())).toMatchObject({ status: 409 })
  })

  test('of a member whom an admin made before their first sign-in is theirs', async () => {
    const admin = await api.user('admin', 'admin')
    const { body } = await api.ask('POST', '/v1/users', {
      as: admin,
      body: { name: 'Early', subject: 'early' },
    })
    const { user, token } = body as { user: { id: number; identities: object[] }; token: string }
    expect(user.identities).toEqual([{ issuer, subject: 'early' }])
    expect(await made({ id: user.id, token }, site())).toMatchObject({ owner_subject: 'early' })
    expect((await member('early')).asker.id).toBe(user.id)
  })
})

describe('a MediaWiki wiki with the hub’s accounts', () => {
  test('has its founder’s account on the hub, by its name there', async () => {
    await api.store.hosts.beat('h1', null)
    const { asker } = await member('founder')
    const refused = await made(asker, wiki())
    expect(refused).toMatchObject({
      ...{
        status: 409,
        body: {
          code: 'identity_needed',
          details: { link: `${testPublicUrl}/auth/link/hub?return_to=/account` },
        },
      },
    })
    await api.store.users.takeIdentity(asker.id, { issuer: hub, subject: '77', name: 'Founder of the hub' })
    expect(await made(asker, wiki())).toMatchObject({ owner_name: 'Founder of the hub' })
    expect(await made(asker, wiki({ owner_name: 'Founder of the hub' }))).toMatchObject({
      owner_name: 'Founder of the hub',
    })
    expect(await made(asker, wiki({ owner_name: 'Somebody else' }))).toMatchObject({
      ...{ status: 400, body: { code: 'invalid_request' } },
    })
    await api.store.users.nameIdentity({ issuer: hub, subject: '77' }, 'Renamed')
    expect(await made(asker, wiki())).toMatchObject({ owner_name: 'Renamed' })
    // By a name alone, whoever takes it on the hub later would be the founder.
    const { body } = await api.ask('POST', '/v1/wikis', { as: asker, body: wiki() })
    expect(JSON.parse((await api.store.tasks.get(String(body['task_id']))).input)).toMatchObject({
      ownerAccount: 77,
    })
  })
})
