/**
 * One provider for Wikistead and for a FedWiki farm on passportjs: whoever makes a site here is its owner there. Asked
 * by HTTP with cookies, as a browser would: every host name leads to loopback.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Visitor, type Answer } from '@wikistead/fedwiki-farm/test/visitor'
import { chooseFreePort } from '@wikistead/processes'
import { startOidcProvider, type OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** No `localhost`: there the farm gives each site a session of its own. */
const domain = 'wiki.test'
const started = new AsyncDisposableStack()
let provider: OidcProviderForTests
let farm: FarmForTests
let stack: Stack
/** Where the farm's own members sign in. */
let root: string

beforeAll(async () => {
  const [apiPort, guardPort] = [await chooseFreePort('127.0.0.1'), await chooseFreePort('127.0.0.1')]
  root = `http://${domain}:${String(guardPort)}`
  const [ours, theirs] = [
    { id: 'wikistead', secret: 'the-secret-of-wikistead' },
    { id: 'farm', secret: 'the-secret-of-the-farm' },
  ]
  provider = started.use(
    await startOidcProvider([
      { ...ours, redirectUri: `http://127.0.0.1:${String(apiPort)}/auth/callback` },
      { ...theirs, redirectUri: `${root}/auth/oauth2/callback`, isFarm: true },
    ]),
  )
  const signIn = {
    ...{ clientId: theirs.id, clientSecret: theirs.secret },
    ...{ authorizationUrl: `${provider.issuer}/auth?scope=openid`, tokenUrl: `${provider.issuer}/token` },
    ...{ usernameField: 'token.preferred_username', displayNameField: 'token.name' },
  }
  farm = started.use(
    await startTestFarm({
      ...{ guardPort, adminHost: `admin.${domain}` },
      wikiDomains: [{ domain, publicUrl: root, signIn }],
    }),
  )
  stack = started.use(
    await startStack({
      farmUrl: farm.url,
      settings: {
        ...{ 'fedwiki-parent-domain': domain, 'fedwiki-admin-host': `admin.${domain}` },
        // With a provider the API may listen everywhere.
        ...{ host: '0.0.0.0', 'public-url': `http://127.0.0.1:${String(apiPort)}` },
        ...{ port: String(apiPort), 'fedwiki-site-url': `http://{domain}:${String(guardPort)}` },
        ...{ 'oidc-issuer': provider.issuer, 'oidc-client-id': ours.id, 'oidc-client-secret': ours.secret },
      },
    }),
  )
})
afterAll(() => started.disposeAsync())

/** At Wikistead and at the farm, each by its own trip to the provider. */
async function signedIn(sub: string): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.keepCookie(`member=${sub}; Path=/`, provider.issuer)
  const here = await visitor.open(`${stack.url}/auth/sign-in`)
  expect(new URL(here.url).pathname).toBe('/')
  const there = await visitor.open(`${root}/auth/oauth2`)
  expect([there.status, new URL(there.url).pathname]).toEqual([200, '/auth/loginDone'])
  return visitor
}

/** As a page of ours does. */
async function act(visitor: Visitor, method: string, path: string, body?: object): Promise<Answer> {
  const session = await visitor.ask(`${stack.url}/v1/session`)
  const { csrf_token: token } = JSON.parse(session.body) as { csrf_token: string }
  return visitor.ask(stack.url + path, {
    method,
    headers: {
      ...{ 'x-csrf-token': token, 'sec-fetch-site': 'same-origin' },
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

interface Site {
  readonly id: number
  readonly address: string
  readonly url: string
}

async function makeSite(visitor: Visitor, name: string): Promise<Site> {
  const made = await act(visitor, 'POST', '/v1/wikis', { engine: 'fedwiki', domain: name })
  expect([made.status, made.body]).toEqual([201, expect.stringContaining('"active"')])
  const site = JSON.parse(made.body) as Site
  await expect.poll(async () => (await visitor.ask(`${site.url}/welcome-visitors.json`)).status).toBe(200)
  return site
}

test('the member who made a site edits it on the farm, another member and a stranger do not', async () => {
  provider.describe('sub-of-ada', { name: 'Ada', preferred_username: 'ada' })
  const [ada, bob] = [await signedIn('sub-of-ada'), await signedIn('sub-of-bob')]
  const site = await makeSite(ada, 'adas-notes')
  const file = join(farm.farm.sitesFolder, site.address, 'status/owner.json')
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    name: 'Ada',
    oauth2: { id: 'sub-of-ada', username: 'Ada' },
  })
  expect(await ada.writePage(site.url, 'a-page', 'Hello')).toBe(200)
  expect(await bob.writePage(site.url, 'another-page', 'x')).toBe(403)
  expect(await new Visitor().writePage(site.url, 'another-page', 'x')).toBe(403)
  expect((await bob.ask(`${site.url}/auth/client-settings.json`)).body).toContain('"isOwner":false')
  // Nor is it Bob's here.
  expect((await act(bob, 'DELETE', `/v1/wikis/${String(site.id)}`)).status).toBe(403)
  const read = await bob.ask(`${site.url}/a-page.json`)
  expect(JSON.parse(read.body)).toMatchObject({ story: [{ text: 'Hello' }] })
})

test('a site that changes hands is the new owner’s on the farm as well', async () => {
  const [ada, bob] = [await signedIn('sub-of-ada'), await signedIn('sub-of-bob')]
  const site = await makeSite(ada, 'given-away')
  expect(await ada.writePage(site.url, 'hers', 'x')).toBe(200)
  const { user } = JSON.parse((await bob.ask(`${stack.url}/v1/session`)).body) as { user: { id: number } }
  const path = `/v1/wikis/${String(site.id)}`
  expect(await stack.call('PATCH', path, { owner_id: user.id })).toMatchObject({ status: 200 })
  expect(await ada.writePage(site.url, 'no-longer-hers', 'x')).toBe(403)
  expect(await bob.writePage(site.url, 'his', 'x')).toBe(200)
})

test('who is not known at the provider is told to link it, and owns what they make then', async () => {
  const { url } = (await stack.call<{ url: string }>('POST', '/auth/local')).body
  const admin = new Visitor()
  await admin.open(url)
  const refused = await act(admin, 'POST', '/v1/wikis', { engine: 'fedwiki', domain: 'the-admins' })
  const { code, details } = JSON.parse(refused.body) as { code: string; details: { link: string } }
  expect([refused.status, code]).toEqual([409, 'identity_needed'])
  await admin.keepCookie('member=sub-of-the-admin; Path=/', provider.issuer)
  expect(new URL((await admin.open(details.link)).url).pathname).toBe('/account')
  const site = await makeSite(admin, 'the-admins')
  const there = await admin.open(`${root}/auth/oauth2`)
  expect(there.status).toBe(200)
  expect(await admin.writePage(site.url, 'a-page', 'x')).toBe(200)
})
