/** A member's way through the console with a FedWiki site, in a real browser against the whole stack. */
import { startStack, startTestFarm, type Stack } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectAccessible,
  keepScreenshot,
  launchBrowser,
  signInLink,
  visitor,
  type Visitor,
} from '../../test/console-browser.ts'
import { holdFarm, type HeldFarm } from '../../test/held-farm.ts'

const started = new AsyncDisposableStack()
let farm: HeldFarm
let stack: Stack
let browser: Browser
let ada: Visitor
let page: Page

beforeAll(async () => {
  const realFarm = started.use(await startTestFarm())
  farm = started.use(await holdFarm(realFarm.url))
  const { port } = new URL(realFarm.url)
  stack = started.use(
    await startStack({
      farmUrl: farm.url,
      settings: { console: 'true', 'fedwiki-site-url': `http://{domain}:${port}` },
    }),
  )
  browser = await launchBrowser()
  started.defer(() => browser.close())
  ada = started.use(await visitor(browser, stack.url))
  page = ada.page
})
afterAll(() => started.disposeAsync())

const heading = (name: string) => page.getByRole('heading', { level: 1, name })
const creationOf =
  (domain: string) =>
  ({ method, domain: of }: { method: string; domain: string }) =>
    method === 'POST' && of === `${domain}.wiki.localhost`

/** Fills the form in and sends it. */
async function create(name: string): Promise<void> {
  await page.goto('/create')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByText('is free').waitFor()
  await page.getByRole('button', { name: 'Create wiki' }).click()
}

test('who is not signed in is told what this is, and how to get in', async () => {
  await page.goto('/')
  await heading('A wiki of your own, in the next few seconds').waitFor()
  await expectAccessible(page, 'first page')
  await keepScreenshot(page, 'first-page')
  await page.getByRole('link', { name: 'Make a wiki' }).click()
  await heading('Sign in').waitFor()
  await page.getByText('I run this farm, and have no account yet').click()
  await page.getByText('npx wikistead sign-in-link').waitFor()
  expect(await page.title()).toBe('Sign in – Wikistead')
  await expectAccessible(page, 'sign-in page')
  await keepScreenshot(page, 'sign-in')
})

test('a link works once, and then says so', async () => {
  const link = await signInLink(stack)
  await page.goto(link)
  await heading('My wikis').waitFor()
  await page.getByText('No wiki yet').waitFor()
  await expectAccessible(page, 'no wikis')
  await keepScreenshot(page, 'no-wikis')
  await using other = await visitor(browser, stack.url)
  await other.page.goto(link)
  await other.page.getByText('This link was used before or is too old').waitFor()
  await expectAccessible(other.page, 'used link')
})

test('a site is made: its address follows the name, it comes alive, and its link leads to it', async () => {
  await create('Ada’s Garden')
  await page.waitForURL('**/tasks/*')
  await page.getByText('Done', { exact: true }).first().waitFor()
  expect(await page.title()).toBe('Creating Ada’s Garden – Wikistead')
  await expectAccessible(page, 'a task that succeeded')
  await keepScreenshot(page, 'task-succeeded')
  const open = page.getByRole('link', { name: 'Open the wiki' })
  expect(await open.getAttribute('href')).toMatch(/^http:\/\/adas-garden\.wiki\.localhost:\d+$/)
  await open.click()
  await page.waitForURL('http://adas-garden.wiki.localhost:*/**')
  await page.getByText('Welcome Visitors').first().waitFor()
})

test('what cannot be made is said before it is sent', async () => {
  await page.goto('/create')
  const address = page.getByRole('textbox', { name: 'Address' })
  await address.fill('adas-garden')
  await page.getByText('This address is taken').waitFor()
  await address.fill('admin')
  await page.getByText('reserved for the farm itself').waitFor()
  await address.fill('-x')
  await page.getByText('Use 3 to 63 lower-case letters').waitFor()
  await expectAccessible(page, 'a form with an error')
  await keepScreenshot(page, 'create-invalid')
  await page.getByRole('button', { name: 'Create wiki' }).click()
  await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('address')
  expect(new URL(page.url()).pathname).toBe('/create')
})

test('a reload keeps what was filled in, and sending twice makes one wiki', async () => {
  await page.getByRole('textbox', { name: 'Name' }).fill('Twice')
  await page.getByRole('textbox', { name: 'Address' }).fill('only-once')
  await page.getByText('is free').waitFor()
  await page.reload()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Twice')
  await page.getByText('only-once.wiki.localhost is free').waitFor()
  const answers: number[] = []
  // The first answer is lost on its way: the page cannot know that the wiki is under way.
  let lost = false
  await page.route('**/v1/wikis', async (route) => {
    const answer = await route.fetch()
    answers.push(answer.status())
    if (lost) return route.fulfill({ response: answer })
    lost = true
    return route.abort()
  })
  await page.getByRole('button', { name: 'Create wiki' }).click()
  await page.getByText('does not answer').waitFor()
  await page.getByRole('button', { name: 'Create wiki' }).click()
  await page.waitForURL('**/tasks/*')
  await page.unroute('**/v1/wikis')
  await page.getByText('Done', { exact: true }).first().waitFor()
  expect(answers).toEqual([202, 202])
  const { body } = await stack.call<{ wikis: readonly { name: string }[] }>('GET', '/v1/wikis?q=Twice')
  expect(body.wikis).toHaveLength(1)
})

test('a reload, a lost network and a return in the middle of a creation lose nothing', async () => {
  const held = farm.hold('request', creationOf('in-between'))
  await create('In between')
  await page.waitForURL('**/tasks/*')
  await held.arrived
  await page.getByText('Make the site on the farm').first().waitFor()
  await page.reload()
  const current = page.locator('[aria-current=step]')
  await current.getByText('Make the site on the farm').waitFor()
  await expectAccessible(page, 'a task at work')
  await keepScreenshot(page, 'task-running')
  await ada.context.setOffline(true)
  await page.getByText('You are offline. The work goes on').first().waitFor()
  await expectAccessible(page, 'offline')
  await keepScreenshot(page, 'task-offline')
  held.letGo()
  // It ends while nobody sees it.
  await expect
    .poll(async () => (await stack.call('GET', '/v1/names/fedwiki/in-between')).body['state'])
    .toBe('taken')
  await ada.context.setOffline(false)
  await page.getByText('Done', { exact: true }).first().waitFor()
  expect(await page.getByRole('link', { name: 'Open the wiki' }).count()).toBe(1)
})

test('a failed attempt says when the next one is, and can be tried at once', async () => {
  const cut = farm.cut()
  await create('Cut off')
  await page.getByText('Attempt 1 failed.').first().waitFor()
  await page.getByText('The next attempt is at').waitFor()
  await expectAccessible(page, 'a failed attempt')
  await keepScreenshot(page, 'task-attempt-failed')
  cut.mend()
  await page.getByRole('button', { name: 'Try now' }).click()
  await page
    .getByText(/^Done, after .* failed attempts?$/)
    .first()
    .waitFor()
})

test('a creation that is cancelled is undone, says so, and can begin again', async () => {
  const held = farm.hold('request', creationOf('changed-mind'))
  await create('Changed mind')
  await held.arrived
  await page.getByRole('button', { name: 'Cancel and undo' }).click()
  held.drop()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await page.getByText('nothing is left behind').waitFor()
  await expectAccessible(page, 'a task that was cancelled')
  await keepScreenshot(page, 'task-cancelled')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page
    .getByText(/^Done(, after .* failed attempts?)?$/)
    .first()
    .waitFor()
})

test('the owner renames a wiki, makes it read-only, and sees what was done', async () => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Ada’s Garden' }).click()
  await heading('Ada’s Garden').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada’s Orchard')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await heading('Ada’s Orchard').waitFor()
  await page.getByRole('radio', { name: 'Read-only' }).check({ force: true })
  await page.getByRole('button', { name: 'Save' }).last().click()
  await page.getByText('Read-only', { exact: true }).first().waitFor()
  await page.getByText('made read-only').first().waitFor()
  await expectAccessible(page, 'a wiki')
  await keepScreenshot(page, 'wiki')
})

test('a wiki is deleted once its address was typed, and can be had back', async () => {
  const ask = page.getByRole('button', { name: 'Delete the wiki' })
  await ask.first().click()
  const dialog = page.getByRole('dialog')
  const sure = dialog.getByRole('button', { name: 'Delete the wiki' })
  expect(await sure.isDisabled()).toBe(true)
  await expectAccessible(page, 'the question before a deletion')
  await keepScreenshot(page, 'delete')
  await dialog.getByRole('textbox').fill('adas-garden.wiki.localhost')
  await sure.click()
  await page.getByText('This wiki was deleted').waitFor()
  await page.getByText(/It can be restored until/).waitFor()
  await expectAccessible(page, 'a deleted wiki')
  await keepScreenshot(page, 'wiki-deleted')
  await page.goto('/create')
  await page.getByRole('textbox', { name: 'Address' }).fill('adas-garden')
  await page.getByRole('button', { name: 'Restore adas-garden.wiki.localhost' }).click()
  await heading('Ada’s Orchard').waitFor()
  await page.getByRole('button', { name: 'Restore it' }).click()
  await page.getByText('Read-only', { exact: true }).first().waitFor()
})

test('navigation moves the focus to the heading, and the first key leads past the navigation', async () => {
  await page.goto('/')
  // Once the page is there: a key that is pressed before finds nothing to go to.
  await page.getByRole('link', { name: 'New wiki' }).first().waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  await page.getByRole('link', { name: 'New wiki' }).first().click()
  await heading('A new wiki').waitFor()
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('A new wiki')
})

test('what there is not, or not for this reader, says so', async () => {
  await page.goto('/wikis/999999')
  await page.getByText('There is no such wiki').waitFor()
  await expectAccessible(page, 'a wiki that there is not')
  await page.goto('/no-such-page')
  await heading('There is no such page').waitFor()
  await expectAccessible(page, 'a page that there is not')
})

test('nothing of it all made the browser complain', () => {
  expect(ada.complaints).toEqual([])
})
