/** Sign-ins that end in another browser than they began in, on a real farm with a real provider. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFarmWithProvider, type FarmWithProvider } from '../test/farm-with-provider.ts'
import { Visitor, type Answer } from '../test/visitor.ts'

let world: FarmWithProvider
let site: string

beforeAll(async () => {
  world = await startFarmWithProvider()
  site = await world.running.createSite('mallorys.wiki.test', 'sub-of-mallory')
})
afterAll(() => world[Symbol.asyncDispose]())

const callbackPath = '/auth/oauth2/callback'

/** As far as the address that the provider sends the browser back to, which is not followed. */
async function callbackFor(browser: Visitor): Promise<URL> {
  let answer = await browser.ask(`${world.root}/auth/oauth2`)
  for (let hops = 0; hops < 20; hops++) {
    const next = new URL(String(answer.headers['location']), answer.url)
    if (next.pathname === callbackPath) return next
    answer = await browser.ask(next.href)
  }
  throw new Error(`The provider sent nobody back, but answered ${answer.status} at ${answer.url}`)
}

/** Whether this browser may write mallory's site: then somebody made it hers. */
const isMallorys = async (browser: Visitor) =>
  (await browser.ask(`${site}/auth/client-settings.json`)).body.includes('"isOwner":true')

function expectRefused({ status, headers, body }: Answer): void {
  expect([status, headers['content-type']]).toEqual([403, 'text/html; charset=utf-8'])
  expect(body).toContain('this sign-in was not begun in this browser, took too long, or was finished before')
  expect(body).toContain('href="/auth/loginDialog"')
}

test('the way out has a state and a PKCE challenge, and a cookie that no page reads', async () => {
  const begun = await new Visitor().ask(`${world.root}/auth/oauth2`)
  const { searchParams, origin } = new URL(String(begun.headers['location']))
  expect([begun.status, origin]).toEqual([302, world.provider.issuer])
  expect(Object.fromEntries(searchParams)).toMatchObject({
    ...{ response_type: 'code', client_id: 'wiki', scope: 'openid', code_challenge_method: 'S256' },
    ...{
      redirect_uri: world.root + callbackPath,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    },
    state: expect.stringMatching(/^[\w-]{22}\.\d{13}\.[\w-]{43}$/) as string,
  })
  const cookie = begun.headers['set-cookie']?.[0] ?? ''
  expect(cookie).toMatch(
    /^wikistead-sign-in=[\w-]{43}; Max-Age=900; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
  )
})

test('a sign-in that mallory began is not finished in another browser', async () => {
  const { href } = await callbackFor(await world.browserOf('sub-of-mallory'))
  const stranger = new Visitor()
  expectRefused(await stranger.ask(href))
  expect(await isMallorys(stranger)).toBe(false)
  const alice = await world.signedIn('sub-of-alice')
  const busy = await world.browserOf('sub-of-alice')
  await callbackFor(busy)
  for (const victim of [alice, busy]) {
    expectRefused(await victim.ask(href))
    expect(await isMallorys(victim)).toBe(false)
  }
})

test('a code is taken with the right state only, and at the callback only', async () => {
  const mallory = await world.browserOf('sub-of-mallory')
  const { searchParams } = await callbackFor(mallory)
  const [code, state] = [String(searchParams.get('code')), String(searchParams.get('state'))]
  const later = state.replace(/\.\d+\./, `.${Date.now() + 3_600_000}.`)
  for (const path of [
    `${callbackPath}?code=${code}`,
    `${callbackPath}?code=${code}&state=`,
    `${callbackPath}?code=${code}&state=${later}`,
    `${callbackPath}?code=${code}&state=${state}&state=${state}`,
    `${callbackPath}?code=${code}&state[]=${state}`,
    `${callbackPath.toUpperCase()}/?code=${code}`,
    `${callbackPath}?error=server_error`,
    `/auth/oauth2?code=${code}`,
    `/auth/oauth2?code=${code}&state=${state}`,
    `/AUTH/OAuth2/?code=${code}`,
  ]) {
    expectRefused(await mallory.ask(world.root + path))
    expect([path, await isMallorys(mallory)]).toEqual([path, false])
  }
  const done = await mallory.ask(`${world.root}${callbackPath}?code=${code}&state=${state}`)
  expect([done.status, done.headers['location']]).toEqual([302, '/auth/loginDone'])
  expect(await isMallorys(mallory)).toBe(true)
})

test('a sign-in ends once, for whoever has the browser’s cookie', async () => {
  const mallory = await world.browserOf('sub-of-mallory')
  const { href } = await callbackFor(mallory)
  const twins = await Promise.all(Array.from({ length: 5 }, () => mallory.movedTo(world.root)))
  const answers = await Promise.all(twins.map((twin) => twin.ask(href)))
  expect(answers.map(({ status }) => status).sort()).toEqual([302, 403, 403, 403, 403])
  expectRefused(await mallory.ask(href))
})

test('a code that was begun elsewhere fits no other sign-in', async () => {
  const stolen = (await callbackFor(await world.browserOf('sub-of-mallory'))).searchParams.get('code')
  const thief = await world.browserOf('sub-of-alice')
  const url = await callbackFor(thief)
  url.searchParams.set('code', String(stolen))
  expect((await thief.ask(url.href)).status).toBeGreaterThanOrEqual(400)
  expect(await isMallorys(thief)).toBe(false)
})

test('two sign-ins of one browser do not disturb each other', async () => {
  const mallory = await world.browserOf('sub-of-mallory')
  const [first, second] = [await callbackFor(mallory), await callbackFor(mallory)]
  for (const { href } of [first, second]) {
    expect((await mallory.ask(href)).headers['location']).toBe('/auth/loginDone')
  }
})

test('what begins on a site begins at the root, where it ends', async () => {
  const begun = await new Visitor().ask(`${site}/auth/oauth2`)
  expect([begun.status, begun.headers['location']]).toEqual([302, `${world.root}/auth/oauth2`])
  const mallory = await world.browserOf('sub-of-mallory')
  await mallory.open(`${site}/auth/oauth2`)
  expect(await isMallorys(mallory)).toBe(true)
})
