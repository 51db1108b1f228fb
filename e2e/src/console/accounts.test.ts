/** Accounts of the farm's own, in a real browser: from an invitation to a sign-in, and what leads nowhere. */
import { ageSignIns } from '@wikistead/test/age-sign-ins'
import { startStack, type Stack } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectAccessible,
  keepScreenshot,
  launchBrowser,
  signInLink,
  visitor,
} from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
let stack: Stack
let browser: Browser

beforeAll(async () => {
  stack = started.use(await startStack({ settings: { console: 'true' }, run: ['api'] }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
})
afterAll(() => started.disposeAsync())

const good = 'seven owls at noon'

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name or mail address').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function chooses(page: Page, password: string, name?: string): Promise<void> {
  if (name !== undefined) await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('New password').fill(password)
}

/** As the admin reads it off the page. */
async function inviteLink(admin: Page): Promise<string> {
  await admin.goto('/operate/users')
  await admin.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = admin.getByRole('dialog', { name: 'Invite somebody' })
  await dialog.getByLabel('What they are called').fill('Bob')
  await expectAccessible(admin, 'inviting')
  await dialog.getByRole('button', { name: 'Invite' }).click()
  const link = admin.getByLabel('Link of the invitation')
  await link.waitFor()
  return (await link.textContent()) ?? ''
}

test('the admin invites, a member joins, leaves and comes back; a link that was used leads nowhere', async () => {
  await using admin = await visitor(browser, stack.url)
  await admin.page.goto(await signInLink(stack))
  const link = await inviteLink(admin.page)
  await admin.page.getByRole('heading', { name: 'Open invitations' }).waitFor()
  await admin.page.getByRole('button', { name: 'Withdraw the invitation of Bob' }).waitFor()
  await expectAccessible(admin.page, 'users with an invitation')
  await keepScreenshot(admin.page, 'users-invited')

  await using bob = await visitor(browser, stack.url)
  const { page, context } = bob
  await page.goto(link)
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
  await expectAccessible(page, 'joining')
  await keepScreenshot(page, 'join')
  await chooses(page, 'Password1234')
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByText('is on the lists that are tried first').waitFor()
  await chooses(page, good)
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()
  expect(new URL(page.url()).hash).toBe('')
  const cookie = (await context.cookies()).find(({ name }) => name === 'wikistead-session')
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
  expect(await page.evaluate('document.cookie')).toBe('')

  await page.goto('/account')
  await page.getByText('You sign in as Bob.').waitFor()
  await expectAccessible(page, 'account')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${stack.url}/`)
  await page.goto('/sign-in?return_to=/account')
  await expectAccessible(page, 'signing in')
  await keepScreenshot(page, 'sign-in-account')
  await signIn(page, 'Bob', 'eight owls at noon')
  await page.getByText('Look whether both are written').waitFor()
  expect(await page.getByLabel('Password').inputValue()).toBe('')
  await signIn(page, 'bob', good)
  await page.waitForURL('**/account')

  await using eve = await visitor(browser, stack.url)
  await eve.page.goto(link)
  await eve.page.getByText('This link was used already').waitFor()
  expect(eve.complaints).toEqual([])
  expect([...admin.complaints, ...bob.complaints]).toEqual([])
})

test('what reaches far wants the password once more, in another tab', async () => {
  await using admin = await visitor(browser, stack.url)
  await admin.page.goto(await signInLink(stack))
  const link = await inviteLink(admin.page)
  await using cleo = await visitor(browser, stack.url)
  const { page } = cleo
  await page.goto(link)
  await chooses(page, good, 'Cleo')
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()
  ageSignIns(stack.storePlace)
  await page.goto('/account')
  await chooses(page, 'nine herons at dusk')
  await page.getByRole('button', { name: 'Change my password' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  const opened = page.context().waitForEvent('page')
  await dialog.getByRole('link', { name: 'Sign in' }).click()
  const tab = await opened
  await signIn(tab, 'Bob', good)
  await tab.getByText('different account').or(tab.getByText('Sign in as the same person')).first().waitFor()
  await signIn(tab, 'Cleo', good)
  await tab.getByRole('heading', { name: 'You are signed in again' }).waitFor()
  await tab.close()
  await dialog.getByText('Nothing has been done yet').waitFor()
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('Your password is changed.').waitFor()
  expect(cleo.complaints).toEqual([])
})

test('who cannot get in any more is given a link, and others are out then', async () => {
  await using admin = await visitor(browser, stack.url)
  await admin.page.goto(await signInLink(stack))
  const joining = await inviteLink(admin.page)
  await using dora = await visitor(browser, stack.url)
  await dora.page.goto(joining)
  await chooses(dora.page, good, 'Dora')
  await dora.page.getByRole('button', { name: 'Make my account' }).click()
  await dora.page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()

  await admin.page.goto('/operate/users?q=Dora')
  await admin.page.getByRole('link', { name: 'Dora' }).click()
  await admin.page.getByRole('button', { name: 'Make a link' }).click()
  const link = (await admin.page.getByLabel('Link of the invitation').textContent()) ?? ''
  await expectAccessible(admin.page, 'user with a link')
  await using elsewhere = await visitor(browser, stack.url)
  await elsewhere.page.goto(link)
  await elsewhere.page.getByRole('heading', { name: 'Your account again' }).waitFor()
  await chooses(elsewhere.page, 'nine herons at dusk')
  await elsewhere.page.getByRole('button', { name: 'Choose this password' }).click()
  await elsewhere.page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()
  await dora.page.goto('/account')
  await dora.page.getByRole('heading', { name: 'Sign in' }).waitFor()
})
