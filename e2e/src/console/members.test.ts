/** Two members in browsers of their own, signed in at a real provider; and how the pages look to whom. */
import { chooseFreePort } from '@wikistead/processes'
import { startOidcProvider, type OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { startStack, startTestFarm, type Stack } from '@wikistead/test/stack'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectAccessible,
  keepScreenshot,
  launchBrowser,
  visitor,
  type Visitor,
} from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
const client = { id: 'wikistead', secret: 'the-secret-of-wikistead' }
let provider: OidcProviderForTests
let stack: Stack
let browser: Browser
let ada: Visitor
let bob: Visitor

beforeAll(async () => {
  const apiPort = await chooseFreePort('127.0.0.1')
  const publicUrl = `http://127.0.0.1:${String(apiPort)}`
  const farm = started.use(await startTestFarm())
  provider = started.use(
    await startOidcProvider([
      { ...client, redirectUri: `${publicUrl}/auth/callback`, postLogoutRedirectUri: `${publicUrl}/` },
    ]),
  )
  stack = started.use(
    await startStack({
      farmUrl: farm.url,
      settings: {
        ...{ console: 'true', port: String(apiPort), 'public-url': publicUrl },
        ...{
          'oidc-issuer': provider.issuer,
          'oidc-client-id': client.id,
          'oidc-client-secret': client.secret,
        },
      },
    }),
  )
  browser = await launchBrowser()
  started.defer(() => browser.close())
  ada = await member('Ada')
  bob = await member('Bob')
})
afterAll(() => started.disposeAsync())

/** Whom the provider takes for this member; not signed in yet. */
async function member(sub: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const somebody = started.use(await visitor(browser, stack.url, options))
  await somebody.context.addCookies([{ name: 'member', value: sub, url: provider.issuer }])
  return somebody
}

async function signIn({ page }: Visitor, returnTo: string): Promise<void> {
  await page.goto(`/sign-in?return_to=${encodeURIComponent(returnTo)}`)
  await page.getByRole('link', { name: /^Sign in with/ }).click()
  await page.waitForURL(`**${returnTo}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

test('a first sign-in at the provider leads to where one wanted to go, and to a first wiki', async () => {
  const { page } = ada
  await page.goto('/')
  await page.getByRole('link', { name: 'Make a wiki' }).click()
  await expectAccessible(page, 'sign-in with a provider')
  await keepScreenshot(page, 'sign-in-provider')
  await page.getByRole('link', { name: /^Sign in with/ }).click()
  await page.waitForURL('**/create')
  await page.getByRole('textbox', { name: 'Name' }).fill('Shared notes')
  await page.getByText('is free').waitFor()
  await page.getByRole('button', { name: 'Create wiki' }).click()
  await page.getByText('Done', { exact: true }).first().waitFor()
})

test('a wiki changes hands by a link, when the other side accepts', async () => {
  const { page } = ada
  await page.getByRole('link', { name: 'Manage it' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('Link for the new owner').innerText()
  await expectAccessible(page, 'an offer')
  await keepScreenshot(page, 'offer')
  const wikiPage = page.url()

  await bob.page.goto(link)
  await bob.page.getByRole('link', { name: /^Sign in with/ }).click()
  await bob.page.getByText('offers you the wiki').waitFor()
  await expectAccessible(bob.page, 'an offer to accept')
  await keepScreenshot(bob.page, 'offer-to-accept')
  await bob.page.getByRole('button', { name: 'Take it over' }).click()
  await bob.page.getByText('Done', { exact: true }).first().waitFor()
  await bob.page.getByRole('link', { name: 'Manage it' }).click()
  await bob.page.getByRole('button', { name: 'Delete the wiki' }).waitFor()

  await page.goto(wikiPage)
  await page.getByRole('heading', { level: 1, name: 'Shared notes' }).waitFor()
  await page.getByText('Facts').waitFor()
  expect(await page.getByRole('button', { name: 'Delete the wiki' }).count()).toBe(0)
  await expectAccessible(page, 'a wiki of somebody else')
})

test('a token is shown once, works, and is revoked', async () => {
  const { page } = ada
  await page.goto('/account')
  await page.getByRole('textbox', { name: 'What it is for' }).fill('A script')
  await page.getByRole('button', { name: 'Make the token' }).click()
  const secret = await page.getByLabel('The token’s secret').innerText()
  await expectAccessible(page, 'a new token')
  await keepScreenshot(page, 'account')
  const ask = () => stack.call('GET', '/v1/users/me', undefined, { token: secret })
  expect(await ask()).toMatchObject({ status: 200, body: { name: 'Ada' } })
  await page.getByRole('button', { name: 'Revoke A script' }).click()
  await page.getByText('None yet.').waitFor()
  expect(await ask()).toMatchObject({ status: 401 })
})

test('a browser is signed out from another, and says so', async () => {
  const phone = await member('Ada', { userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0' })
  await signIn(phone, '/account')
  await ada.page.reload()
  await ada.page.getByRole('button', { name: 'Sign out Firefox · Android' }).click()
  await expect.poll(() => ada.page.getByText('Firefox · Android').count()).toBe(0)
  await phone.page.getByRole('textbox', { name: 'What it is for' }).fill('Too late')
  await phone.page.getByRole('button', { name: 'Make the token' }).click()
  await phone.page.getByText('Your sign-in has ended.').waitFor()
  await phone.page.getByRole('link', { name: 'Sign in' }).first().waitFor()
})

test.each([
  ['phone', { viewport: { width: 360, height: 740 } }],
  ['dark', { colorScheme: 'dark' }],
  ['arabic', { locale: 'ar', viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ['chinese', { locale: 'zh-CN' }],
  ['wide', { viewport: { width: 1920, height: 1080 } }],
] satisfies [string, BrowserContextOptions][])('everybody can use every page: %s', async (look, options) => {
  const somebody = await member('Bob', options)
  const { page } = somebody
  await page.goto('/sign-in')
  await page.locator('main a.cdx-button').click()
  await page.waitForURL('**/')
  const { body } = await stack.call<{ wikis: readonly { id: number }[] }>('GET', '/v1/wikis')
  const wiki = `/wikis/${String(body.wikis[0]?.id)}`
  for (const path of ['/', '/create', wiki, '/account', '/nowhere']) {
    await page.goto(path)
    await page.locator('main h1').waitFor()
    await page.waitForLoadState('networkidle')
    await expectAccessible(page, `${path} ${look}`)
    await keepScreenshot(page, `${look}-${path === '/' ? 'home' : (path.split('/')[1] ?? '')}`)
    const wider = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
    expect(`${path} scrolls sideways: ${String(wider)}`).toBe(`${path} scrolls sideways: false`)
  }
  expect(await page.evaluate('document.documentElement.dir')).toBe(look === 'arabic' ? 'rtl' : 'ltr')
  expect(somebody.complaints).toEqual([])
})

test('who signs out is nobody any more', async () => {
  const { page } = ada
  await page.goto('/account')
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  await page.waitForURL(({ pathname }) => pathname !== '/account')
  await page.goto('/')
  await page.getByRole('link', { name: 'Make a wiki' }).waitFor()
})
