/** Linking the hub's account, and what somebody tries who wants another's. The hub's word is signed by the test. */
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiAnswer,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { hubForTests, hubTrust, hubWord, type HubAccount as Account } from '@wikistead/test/hub-word'
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
  const account = (name: string): Account => ({ id: count++, name, rights: [] })
  async function signedIn({ id }: Asker): Promise<Browser> {
    const browser = new Browser(api, testPublicUrl)
    const value = await api.store.sessions.create({
      ...{ userId: id, userAgent: 'a browser', provenAt: api.store.now() },
    })
    await browser.keep(`wikistead-session=${value}`)
    return browser
  }
  /** As far as the hub: the code that it is sent there with. */
  async function begin(browser: Browser): Promise<string> {
    const { headers } = await browser.ask('GET', '/auth/link/hub')
    return new URL(String(headers['location'])).searchParams.get('code') ?? ''
  }
  /** The button on the hub is pressed by that account; where the hub sends the browser that pressed it. */
  async function press(as: Account, code: string): Promise<ApiAnswer> {
    const target = '/provisioner/v1/links'
    const text = JSON.stringify({ code })
    return api.ask('POST', target, {
      text,
      headers: { authorization: hubWord(hubForTests, as, { method: 'POST', target, body: text }) },
    })
  }
  async function secretAfter(as: Account, code: string): Promise<string> {
    const { status, body } = await press(as, code)
    expect(status).toBe(200)
    const url = new URL(String(body['url']))
    expect(url.origin + url.pathname).toBe(`${testPublicUrl}/account/hub-link`)
    return url.hash.slice(1)
  }
  const see = (browser: Browser, given: string) => browser.ask('GET', `/v1/hub-links/${given}`)
  const confirm = (browser: Browser, given: string) => browser.act('POST', `/v1/hub-links/${given}/accept`)
  const ownerOf = async ({ id }: Account) => (await api.store.users.byIdentity(hub, String(id)))?.user_id
  const told = ({ status, body }: ApiAnswer) => [status, body['code']]

  test('whoever began it confirms it in the same session, with both accounts named', async () => {
    const rosa = await api.user('Rosa')
    const there = account('Rosa on the hub')
    const browser = await signedIn(rosa)
    const given = await secretAfter(there, await begin(browser))
    expect(await ownerOf(there)).toBeUndefined()
    const both = { name: 'Rosa', hub_name: 'Rosa on the hub', hub_url: hub, return_to: '/account' }
    expect((await see(browser, given)).body).toEqual(both)
    expect(await ownerOf(there)).toBeUndefined()
    expect(await confirm(browser, given)).toMatchObject({ status: 200, body: both })
    expect(await ownerOf(there)).toBe(rosa.id)
    expect(told(await confirm(browser, given))).toEqual([410, 'link_expired'])
    // Once more is no harm.
    expect((await confirm(browser, await secretAfter(there, await begin(browser)))).status).toBe(200)
  })

  test('a button that somebody else was made to press gives whoever began it nothing', async () => {
    const [eve, victim] = [await api.user('Eve'), await api.user('Victim')]
    const theirs = account('Victim on the hub')
    const evesBrowser = await signedIn(eve)
    const code = await begin(evesBrowser)
    const given = await secretAfter(theirs, code)
    expect(await ownerOf(theirs)).toBeUndefined()
    // Eve has the code, and nothing that comes of it.
    expect(told(await press(theirs, code))).toEqual([410, 'link_expired'])
    expect(told(await confirm(evesBrowser, code))).toEqual([410, 'link_expired'])
    // In the browser that pressed it, somebody else sits, who began nothing.
    const victims = await signedIn(victim)
    expect(told(await see(victims, given))).toEqual([403, 'forbidden'])
    expect(told(await confirm(victims, given))).toEqual([403, 'forbidden'])
    expect([await ownerOf(theirs), (await api.store.users.identities(victim.id)).length]).toEqual([
      undefined,
      1,
    ])
  })

  test('an account of the hub is pressed upon nobody: not in another session, not by a token, not by another page', async () => {
    const victim = await api.user('Another victim')
    const eves = account('Eve on the hub')
    const [began, other] = [await signedIn(victim), await signedIn(victim)]
    const given = await secretAfter(eves, await begin(began))
    expect(told(await confirm(other, given))).toEqual([403, 'forbidden'])
    const path = `/v1/hub-links/${given}/accept`
    expect(told(await api.ask('POST', path, { as: victim }))).toEqual([403, 'forbidden'])
    expect(told(await began.ask('POST', path))).toEqual([403, 'csrf_mismatch'])
    expect(await ownerOf(eves)).toBeUndefined()
  })

  test('what began in a session that has ended is over', async () => {
    const rosa = await api.user('Rosa, signed out')
    const there = account('Rosa, signed out')
    const browser = await signedIn(rosa)
    const given = await secretAfter(there, await begin(browser))
    await browser.act('POST', '/auth/sign-out')
    expect(told(await confirm(browser, given))).toEqual([401, 'unauthenticated'])
    expect(told(await confirm(await signedIn(rosa), given))).toEqual([403, 'forbidden'])
  })

  test('a code that says no session, from an earlier release, is over', async () => {
    const rosa = await api.user('Rosa, earlier')
    await api.store.once.keep('hub_link', 'of-before', { lifetimeMs: 60_000, userId: rosa.id })
    expect(told(await press(account('x'), 'of-before'))).toEqual([410, 'link_expired'])
  })

  test('without the hub’s word nobody vouches', async () => {
    const code = await begin(await signedIn(await api.user('Nobody’s')))
    const answer = await api.ask('POST', '/provisioner/v1/links', { body: { code } })
    expect(told(answer)).toEqual([401, 'service_token_invalid'])
  })

  test('what the account has comes along; one with a task at work waits, one that is somebody’s stays so', async () => {
    const late = account('Late')
    const { user_id: before } = await api.store.users.ensure({
      ...{ name: 'Late', role: 'member', issuer: hub, subject: String(late.id) },
    })
    const { wiki_id: wiki } = await api.wiki({ id: before, token: '' }, `late-${storeEngine}.wiki.test`)
    const taskId = `task-of-${storeEngine}`
    await api.store.transaction(({ tasks }) =>
      tasks.insert({
        ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: before },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
      }),
    )
    const vera = await api.user('Vera')
    const browser = await signedIn(vera)
    const given = await secretAfter(late, await begin(browser))
    expect(told(await confirm(browser, given))).toEqual([409, 'busy'])
    await api.store.transaction(({ tasks }) =>
      tasks.append({ taskId, run: 1, event: { type: 'status', status: 'failed', code: 'fault' } }),
    )
    // What was refused is not used up.
    expect((await confirm(browser, given)).status).toBe(200)
    expect((await api.store.wikis.get(wiki)).owner_id).toBe(vera.id)

    const eve = await signedIn(await api.user('Eve once more'))
    expect(told(await confirm(eve, await secretAfter(late, await begin(eve))))).toEqual([
      409,
      'identity_taken',
    ])
    expect(await ownerOf(late)).toBe(vera.id)
  })
})
