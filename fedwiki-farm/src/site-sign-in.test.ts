/** A farm whose members sign in at each site, at one provider for all: sites of any domain, each with a session of its own. */
import { readFile, stat } from 'node:fs/promises'
import { startOidcProvider, type OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { Visitor, type Answer } from '../test/visitor.ts'
import { freePort } from './free-port.ts'

const sites = ['hers.wiki.localhost', 'his.wiki.localhost', 'elsewhere.example', 'away.wiki.localhost']
const started = new AsyncDisposableStack()
let provider: OidcProviderForTests
let running: FarmUnderTest

beforeAll(async () => {
  provider = started.use(await startOidcProvider())
  const port = await freePort()
  const client = { id: 'wiki', secret: 'the-secret-of-the-wiki-client' }
  const at = (site: string) => `http://${site}:${String(port)}/auth/oauth2/callback`
  const [first = '', ...more] = sites.map(at)
  provider.serve([{ ...client, redirectUri: first, moreRedirectUris: more, isFarm: true }])
  running = started.use(
    await startFarmUnderTest({
      port,
      siteSignIn: {
        ...{ siteUrl: `http://{domain}:${String(port)}`, clientId: client.id, clientSecret: client.secret },
        ...{ authorizationUrl: `${provider.issuer}/auth?scope=openid`, tokenUrl: `${provider.issuer}/token` },
        ...{ usernameField: 'token.preferred_username', displayNameField: 'token.name' },
      },
    }),
  )
})
afterAll(() => started.disposeAsync())

async function browserOf(sub: string): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.keepCookie(`member=${sub}; Path=/`, provider.issuer)
  return visitor
}

const signIn = (visitor: Visitor, site: string): Promise<Answer> => visitor.open(`${site}/auth/oauth2`)

test('a sign-in begins and ends at the site itself, whatever its domain, and is a session of that site alone', async () => {
  const [hers = '', his = '', elsewhere = ''] = await Promise.all([
    running.createSite('hers.wiki.localhost', 'sub-of-ada'),
    running.createSite('his.wiki.localhost', 'sub-of-bob'),
    running.createSite('elsewhere.example', 'sub-of-ada'),
  ])
  const ada = await browserOf('sub-of-ada')
  for (const site of [hers, elsewhere]) {
    expect(await ada.writePage(site, 'before', 'x')).toBe(403)
    const done = await signIn(ada, site)
    expect([done.status, done.url]).toEqual([200, `${site}/auth/loginDone`])
    expect(await ada.writePage(site, 'a-page', 'Hello')).toBe(200)
    expect((await ada.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":true')
  }
  expect((await signIn(ada, his)).url).toBe(`${his}/auth/loginDone`)
  expect(await ada.writePage(his, 'a-page', 'x')).toBe(403)
  const bob = await browserOf('sub-of-bob')
  await signIn(bob, hers)
  expect(await bob.writePage(hers, 'another-page', 'x')).toBe(403)
})

test('the secret of the client is in a file that nobody but the farm reads, and not on its command line', async () => {
  const file = `${running.folder}/farm.json`
  expect(await readFile(file, 'utf8')).toContain('the-secret-of-the-wiki-client')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('while the provider is away a sign-in fails, the site is read and written, and the next sign-in works', async () => {
  const site = await running.createSite('away.wiki.localhost', 'sub-of-ada')
  const ada = await browserOf('sub-of-ada')
  await signIn(ada, site)
  // As far as the way back, and then it is gone.
  const eve = await browserOf('sub-of-ada')
  let answer = await eve.ask(`${site}/auth/oauth2`)
  while (!String(answer.headers['location']).startsWith(site)) {
    answer = await eve.ask(new URL(String(answer.headers['location']), answer.url).href)
  }
  await provider.goAway()
  const back = await eve.ask(String(answer.headers['location']))
  expect(back.status).toBeGreaterThanOrEqual(300)
  expect(await eve.writePage(site, 'not-hers', 'x')).toBe(403)
  expect(await ada.writePage(site, 'still-hers', 'x')).toBe(200)
  await provider.comeBack()
  expect((await signIn(eve, site)).url).toBe(`${site}/auth/loginDone`)
})
