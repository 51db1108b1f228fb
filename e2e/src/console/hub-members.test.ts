/** Members of a hub in the console, in a real browser on both: signing in by the hub's account, and linking it where it is missing. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectAccessible,
  keepScreenshot,
  launchBrowser,
  signInLink,
  visitor,
} from '../../test/console-browser.ts'
import { password, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
let browser: Browser
let console_: string
beforeAll(async () => {
  farm = started.use(await startHubWorld({ settings: { console: 'true', 'fedwiki-embedded-farm': 'false' } }))
  console_ = farm.world.stack.url
  browser = await launchBrowser()
  started.defer(() => browser.close())
  for (const name of ['Rosa', 'Vera', 'Eve']) await farm.member(name)
})
afterAll(() => started.disposeAsync())

const open = () => visitor(browser, console_)

async function logInOnHub(page: Page, name: string): Promise<void> {
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}
const signInHere = (page: Page) => page.getByRole('link', { name: 'Sign in with your account of Our Hub' })
const goOn = (page: Page) => page.getByRole('button', { name: 'Sign in to the console' })

test(
  'a member of the hub signs in by their account there, and makes a wiki at once',
  { timeout: 240_000 },
  async () => {
    await using rosa = await open()
    const { page } = rosa
    await page.goto('/create')
    await signInHere(page).waitFor()
    await expectAccessible(page, 'the sign-in page of a farm with a hub')
    await keepScreenshot(page, 'sign-in-hub')
    await signInHere(page).click()
    await logInOnHub(page, 'Rosa')
    await page.getByText('as Rosa').waitFor()
    await keepScreenshot(page, 'hub-sign-in')
    await goOn(page).click()
    await page.waitForURL(`${console_}/create`)
    await page.getByRole('textbox', { name: 'Name' }).fill('Rosa’s Notes')
    await page.getByText('is free').waitFor()
    await page.getByRole('button', { name: 'Create wiki' }).click()
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 180_000 })
  },
)

test('an answer that another browser began signs nobody in', async () => {
  await using eve = await open()
  await using victim = await open()
  await eve.page.goto('/sign-in')
  await signInHere(eve.page).click()
  await logInOnHub(eve.page, 'Eve')
  await goOn(eve.page).waitFor()
  // What Eve could send to somebody.
  const address = eve.page.url()
  await victim.page.goto(address)
  await logInOnHub(victim.page, 'Vera')
  await goOn(victim.page).click()
  await victim.page.waitForURL(`${console_}/sign-in?error=sign_in_failed`)
  await eve.page.reload()
  await goOn(eve.page).click()
  await eve.page.getByText('This link was used before').waitFor()
  for (const { page } of [eve, victim]) {
    await page.goto(console_)
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor()
  }
})

test(
  'who has no account of the hub yet is told before the form, links one, and finds what they typed',
  { timeout: 240_000 },
  async () => {
    await using admin = await open()
    const { page } = admin
    await page.goto(await signInLink(farm.world.stack))
    await page.goto('/create')
    await page.getByText('First: your account of').waitFor()
    await expectAccessible(page, 'a form that lacks an account of the hub')
    await keepScreenshot(page, 'create-needs-hub')
    await page.getByRole('textbox', { name: 'Name' }).fill('Kept in between')
    await page.getByText('is free').waitFor()
    expect(await page.getByRole('button', { name: 'Create wiki' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Link it now' }).click()
    await logInOnHub(page, 'Vera')
    await page.getByRole('button', { name: 'Go on to the console' }).click()
    await page.getByRole('button', { name: 'Both are mine: link them' }).click()
    await page.getByRole('link', { name: 'Go on' }).click()
    await page.waitForURL(`${console_}/create`)
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Kept in between')
    await page.getByText('is free').waitFor()
    await page.getByRole('button', { name: 'Create wiki' }).click()
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 180_000 })
  },
)

test('the hub’s founder, who got the key to their account there from here, has nothing to link', async () => {
  const { stack } = farm.world
  const { store } = stack
  const hub = await store.wikis.byClaim('mediawiki', 'hub')
  expect((await stack.call('GET', '/v1/users/me/identity-needs')).status).toBe(200)
  const link = await stack.call('POST', `/v1/wikis/${String(hub?.wiki_id)}/first-sign-in`)
  expect(link.status).toBe(200)
  const issuer = `http://${farm.hub}`
  expect(await store.users.identityAt(hub?.owner_id ?? 0, issuer)).toMatchObject({ issuer })
})
