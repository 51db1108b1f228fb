/** Who signs out at a real provider is signed out here, by its own word and by nobody else's. */
import { localCounter } from '../access/rate-counter.ts'
import { startApiUnderTest, testPublicUrl, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { startSignInUnderTest, testClient, type SignInUnderTest } from '@wikistead/test/sign-in'
import { openStore } from '@wikistead/store'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'

const path = '/auth/back-channel-logout'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

let running: SignInUnderTest
let api: ApiUnderTest
/** Another process over the same store, which the provider does not call. */
let other: ApiUnderTest
const started = new AsyncDisposableStack()
beforeAll(async () => {
  running = started.use(await startSignInUnderTest())
  api = running.api
  const store = started.use(await openStore(api.storeConfig))
  other = started.use(
    await startApiUnderTest({ deps: { provider: running.settings, store, streamLookMs: 100 } }),
  )
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo
  const backChannelLogoutUri = `http://127.0.0.1:${String(port)}${path}`
  running.provider.serve([{ ...testClient, backChannelLogoutUri }])
})
afterAll(() => started.disposeAsync())

async function signedIn(sub: string, at = api): Promise<Browser> {
  const browser = await running.browserOf(sub, at)
  await browser.open('/auth/sign-in')
  expect(await browser.who()).toBe(sub)
  return browser
}

/** At the provider, in that browser; nothing is asked of us. */
async function signOutThere(browser: Browser): Promise<void> {
  const page = await browser.send(`${running.provider.issuer}/session/end`)
  const xsrf = /name="xsrf" value="(\w+)"/.exec(page.text)?.[1] ?? ''
  const left = await browser.send(`${running.provider.issuer}/session/end/confirm`, {
    ...{ method: 'POST', form: { xsrf, logout: 'yes' } },
  })
  expect(left.status).toBe(303)
}

const who = (browser: Browser) => expect.poll(() => browser.who())

test('signing out at the provider ends that sign-in in every process, with its streams, and no other', async () => {
  const here = await signedIn('ada', other)
  const elsewhere = await signedIn('ada')
  const bob = await signedIn('bob')
  const { user } = (await here.ask('GET', '/v1/session')).body as { user: { id: number } }
  await api.store.transaction(async ({ tasks }) => {
    await tasks.insert({
      ...{ taskId: 'followed', kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: user.id },
      ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
    })
  })
  const ended = here.ask('GET', '/v1/tasks/followed/events').then(({ status }) => status)
  await signOutThere(here)
  await who(here).toBeUndefined()
  expect(await ended).toBe(200)
  expect([await elsewhere.who(), await bob.who()]).toEqual(['ada', 'bob'])
  const admin = await api.user('auditor', 'operator')
  const { body } = await api.ask('GET', '/v1/audit?action=back_channel_logout', { as: admin })
  expect(body['entries']).toMatchObject([{ subject: `user/${String(user.id)}`, status: 200, actor: null }])
})

test('a sign-in by a link, and one of an operator beside it, is none of the provider’s', async () => {
  const browser = await signedIn('carol')
  const { user } = (await browser.ask('GET', '/v1/session')).body as { user: { id: number } }
  const value = await api.store.sessions.create({ userId: user.id, userAgent: '' })
  const byLink = new Browser(api, testPublicUrl)
  await byLink.keep(`wikistead-session=${value}`)
  await signOutThere(browser)
  await who(browser).toBeUndefined()
  expect(await byLink.who()).toBe('carol')
})

test('what is not the provider’s word ends nothing, not even its own ID token', async () => {
  const browser = await signedIn('dora')
  const [row] = await api.store.sessions.of(
    ((await browser.ask('GET', '/v1/session')).body as { user: { id: number } }).user.id,
  )
  const idToken = row?.id_token ?? ''
  expect(idToken).not.toBe('')
  const [, claims = ''] = idToken.split('.')
  const forged = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), jti: 'x' }
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
    JSON.stringify(forged),
  ).toString('base64url')}.`
  for (const token of [idToken, unsigned, 'nonsense']) {
    const text = new URLSearchParams({ logout_token: token }).toString()
    const answer = await api.ask('POST', path, { text, headers: { ...form, accept: 'text/html' } })
    expect([answer.status, answer.body['code']]).toEqual([400, 'logout_token_invalid'])
  }
  for (const [text, headers] of [
    ['', form],
    ['logout_token=', form],
    ['{"logout_token":1}', { 'content-type': 'application/json' }],
  ] as const) {
    expect((await api.ask('POST', path, { text, headers })).status).toBe(400)
  }
  expect(await browser.who()).toBe('dora')
})

test('a word counts once', async () => {
  const browser = await signedIn('eve')
  await signOutThere(browser)
  await who(browser).toBeUndefined()
  const again = await signedIn('eve')
  // As a proxy before us could keep it.
  const word = running.provider.told.at(-1) ?? ''
  const answer = await other.ask('POST', path, { text: word, headers: form })
  expect([answer.status, answer.body['code']]).toEqual([400, 'logout_token_invalid'])
  expect(answer.body['detail']).toContain('used before')
  expect(await again.who()).toBe('eve')
})

test('who guesses is slowed down, and where there is no provider there is no word', async () => {
  const rateLimits = { user: 100, address: 100, costly: 3, counter: localCounter() }
  await using slow = await startApiUnderTest({ deps: { provider: running.settings, rateLimits } })
  const statuses: number[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    statuses.push((await slow.ask('POST', path, { text: 'logout_token=x', headers: form })).status)
  }
  expect(statuses).toEqual([400, 400, 400, 429, 429])
  await using alone = await startApiUnderTest()
  const answer = await alone.ask('POST', path, { text: 'logout_token=x', headers: form })
  expect([answer.status, answer.body['code']]).toEqual([503, 'sign_in_off'])
})
