/** Signing in at a provider, linking a second identity there and signing out, in a real browser. */
import { chooseFreePort } from '@wikistead/processes'
import { ageSignIns } from '@wikistead/test/age-sign-ins'
import { startOidcProvider, type OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { startStack, type Stack } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, launchBrowser, visitor } from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
let provider: OidcProviderForTests
let stack: Stack
let browser: Browser

beforeAll(async () => {
  const port = String(await chooseFreePort('127.0.0.1'))
  const client = { id: 'wikistead', secret: 'the-secret-of-wikistead' }
  provider = started.use(
    await startOidcProvider([
      {
        ...{ ...client, redirectUri: `http://127.0.0.1:${port}/auth/callback` },
        postLogoutRedirectUri: `http://127.0.0.1:${port}/`,
      },
    ]),
  )
  stack = started.use(
    await startStack({
      settings: {
        ...{ port, console: 'true', 'oidc-name': 'Test login', 'oidc-issuer': provider.issuer },
        ...{ 'oidc-client-id': client.id, 'oidc-client-secret': client.secret },
        'oidc-admin-subjects': 'boss',
      },
      run: ['api'],
    }),
  )
  browser = await launchBrowser()
  started.defer(() => browser.close())
})
afterAll(() => started.disposeAsync())

const withProvider = (page: Page) => page.getByRole('link', { name: 'Sign in with Test login' })

/** In the provider's own form. */
async function be(page: Page, sub: string): Promise<void> {
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
  await page.getByLabel('Subject').fill(sub)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** In the tab that the dialog opens. */
async function signInAgain(page: Page, sub: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.waitFor()
  const goOn = dialog.getByRole('button', { name: 'Go on' })
  expect(await goOn.isEnabled()).toBe(false)
  const opened = page.context().waitForEvent('page')
  await dialog.getByRole('link', { name: 'Sign in with Test login' }).click()
  const tab = await opened
  await be(tab, sub)
  await tab.getByRole('heading', { name: 'You are signed in again' }).waitFor()
  await tab.close()
  // Nothing is done before they say so.
  await dialog.getByText('Nothing has been done yet').waitFor()
  await expectAccessible(page, 'signed in again')
  await goOn.click()
}

test('a member comes in by the provider, links who else they are there, and leaves both', async () => {
  await using ada = await visitor(browser, stack.url)
  const { page, context } = ada
  await page.goto('/sign-in?return_to=/account')
  await withProvider(page).click()
  await be(page, 'ada')
  await page.waitForURL('**/account')
  await page.getByText('ada', { exact: true }).first().waitFor()
  const cookie = (await context.cookies()).find(({ name }) => name === 'wikistead-session')
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
  expect(await page.evaluate('document.cookie')).toBe('')
  ageSignIns(stack.storePlace)

  await page.getByRole('link', { name: 'Link another from Test login' }).click()
  await signInAgain(page, 'ada')
  // They are signed in there, and asked all the same.
  await be(page, 'ada-at-work')
  await page.getByText('ada-at-work', { exact: true }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/account')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${stack.url}/`)
  expect((await context.cookies()).filter(({ name }) => name === 'wikistead-session')).toEqual([])
  await page.goto('/sign-in')
  await withProvider(page).click()
  // Not signed in there any more, either.
  await be(page, 'ada-at-work')
  await page.waitForURL(`${stack.url}/`)
  await page.goto('/account')
  await page.getByText('ada', { exact: true }).first().waitFor()
  expect(ada.complaints).toEqual([])
})

test('before what reaches far they sign in again, and nothing that they typed is lost', async () => {
  await using eve = await visitor(browser, stack.url)
  const { page } = eve
  await page.goto('/sign-in?return_to=/account')
  await withProvider(page).click()
  await be(page, 'eve')
  await page.waitForURL('**/account')
  ageSignIns(stack.storePlace)
  const label = page.getByLabel('What it is for')
  const make = page.getByRole('button', { name: 'Make the token' })
  await label.fill('My script')
  await make.click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.waitFor()
  await expectAccessible(page, 'sign in again')
  await dialog.getByRole('button', { name: 'Leave it' }).click()
  await page.getByText('You signed in too long ago for this').first().waitFor()
  expect(await label.inputValue()).toBe('My script')
  await make.click()
  await signInAgain(page, 'eve')
  await page.getByText('“My script” is made').waitFor()
  expect(eve.complaints).toEqual([])
})

test('a role is given from a dialog that asks, once they have signed in again over it', async () => {
  await using boss = await visitor(browser, stack.url)
  const { page } = boss
  const { user_id: id } = await stack.store.users.ensure({
    ...{ name: 'Frank', role: 'member', issuer: 'test', subject: 'frank' },
  })
  await page.goto(`/sign-in?return_to=/operate/users/${String(id)}`)
  await withProvider(page).click()
  await be(page, 'boss')
  await page.getByLabel('Role').selectOption('operator')
  ageSignIns(stack.storePlace)
  await page.getByRole('button', { name: 'Give this role' }).click()
  const asking = page.getByRole('dialog', { name: 'Frank' })
  await asking.getByRole('button', { name: 'Give this role' }).click()
  await signInAgain(page, 'boss')
  await asking.waitFor({ state: 'detached' })
  expect((await stack.store.users.get(id)).role).toBe('operator')
  expect(boss.complaints).toEqual([])
})

test('who turns back at the provider is told so, and may try again', async () => {
  await using bob = await visitor(browser, stack.url)
  const { page } = bob
  await page.goto('/sign-in')
  await withProvider(page).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL('**/sign-in?error=sign_in_failed')
  await page
    .getByRole('main')
    .getByText(/sign-in/i)
    .first()
    .waitFor()
  await withProvider(page).click()
  await be(page, 'bob')
  await page.waitForURL(`${stack.url}/`)
})
