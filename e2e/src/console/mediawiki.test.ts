/** A member's way through the console with a MediaWiki wiki, in a real browser against the whole stack. */
import { chooseFreePort } from '@wikistead/processes'
import { createLogger, runFront } from '@wikistead/server'
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
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let browser: Browser
let ada: Visitor
let page: Page

beforeAll(async () => {
  const port = await chooseFreePort('127.0.0.1')
  world = started.use(
    await startMediaWikiWorld({
      template: { port },
      settings: {
        ...{ console: 'true', 'fedwiki-embedded-farm': 'false', 'wiki-root-host': 'wikis.localhost' },
        'mediawiki-wiki-url': `http://{domain}:${String(port)}`,
      },
    }),
  )
  const { config, url } = world.stack
  const environment = { env: process.env, logger: createLogger('silent') }
  started.use(await runFront(config, environment, { host: '127.0.0.1', port }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  ada = started.use(await visitor(browser, url))
  page = ada.page
  await page.goto(await signInLink(world.stack))
})
afterAll(() => started.disposeAsync())

const heading = (name: string) => page.getByRole('heading', { level: 1, name })
const said = (text: string) => page.getByText(text, { exact: true }).first()

async function fillIn(name: string): Promise<void> {
  await page.goto('/create')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByText('is free').waitFor()
}
const send = () => page.getByRole('button', { name: 'Create wiki' }).click()

test('a wiki in another language is watched while it is made, and serves', async () => {
  await fillIn('Grüße aus Köln')
  expect(await page.getByRole('textbox', { name: 'Address' }).inputValue()).toBe('grusse-aus-koln')
  await page.getByRole('textbox', { name: 'Address' }).fill('koeln')
  await page.getByText('koeln.wikis.localhost is free').waitFor()
  const language = page.locator('main').getByRole('combobox', { name: 'Language' })
  await language.fill('deu')
  await page.getByRole('option', { name: 'Deutsch', exact: false }).first().click()
  await expectAccessible(page, 'the form of a MediaWiki wiki')
  await keepScreenshot(page, 'create-mediawiki')
  await world.scripts.hold('koeln', 'installPreConfigured')
  await send()
  await world.scripts.reached('koeln', 'installPreConfigured')
  await page.locator('[aria-current=step]').getByText('Install MediaWiki').waitFor()
  await page.reload()
  await page.locator('[aria-current=step]').getByText('Install MediaWiki').waitFor()
  await keepScreenshot(page, 'task-mediawiki')
  await world.scripts.mend('koeln', 'installPreConfigured')
  await said('Done').waitFor()
  await page.getByText(/Show \d+ lines of output/).click()
  await page.getByRole('log').getByText('Installation complete.').waitFor()
  await expectAccessible(page, 'a task with its output')
  await keepScreenshot(page, 'task-output')
  await page.getByRole('link', { name: 'Open the wiki' }).click()
  await page.waitForURL('http://koeln.wikis.localhost:*/**')
  expect(await page.title()).toContain('Grüße aus Köln')
  expect(await page.evaluate('document.documentElement.lang')).toBe('de')
})

test('its founder chooses a password there, by a link from here', async () => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Grüße aus Köln' }).click()
  await page.getByRole('button', { name: 'Get a link' }).click()
  await page.getByText('The link works once, until').waitFor()
  await expectAccessible(page, 'a link to choose a password')
  await page.getByRole('link', { name: 'Choose my password' }).click()
  for (const field of await page.locator('input[type=password]').all()) {
    await field.fill('correct horse battery staple')
  }
  await page.locator('form:has(input[type=password]) [type=submit]').click()
  await page.locator('#pt-userpage').waitFor()
})

test('a creation that fails shows why and what was undone, and a retry makes the wiki', async () => {
  await world.scripts.fail('unlucky', 'installPreConfigured', 126)
  await fillIn('Unlucky')
  await send()
  await said('It did not work').waitFor({ timeout: 90_000 })
  await said('One of MediaWiki’s own scripts failed.').waitFor()
  await page.getByText('nothing is left behind').waitFor()
  await page.locator('.wf-timeline__phase--undone').getByText('Copy the template').waitFor()
  await expectAccessible(page, 'a task that failed')
  await keepScreenshot(page, 'task-failed')
  await world.scripts.mend('unlucky', 'installPreConfigured')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page
    .getByText(/^Done, after /)
    .first()
    .waitFor({ timeout: 60_000 })
})

test('a name that MediaWiki does not take is refused where it was written', async () => {
  await page.goto('/create')
  await page.getByRole('textbox', { name: 'Name' }).fill('A [bad] name')
  await page.getByText('A name has no brackets').waitFor()
  await send()
  expect(new URL(page.url()).pathname).toBe('/create')
})

test('a wiki becomes private, read-only, and is called otherwise', async () => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Unlucky' }).click()
  await heading('Unlucky').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('Lucky')
  await page.getByRole('radio', { name: 'Private' }).check({ force: true })
  await page.getByRole('button', { name: 'Save' }).first().click()
  await heading('Lucky').waitFor({ timeout: 60_000 })
  await said('Done').waitFor()
  await expect.poll(() => page.getByRole('radio', { name: 'Private' }).isChecked()).toBe(true)
  await page.getByRole('radio', { name: 'Read-only' }).check({ force: true })
  await page.getByRole('button', { name: 'Save' }).last().click()
  await page.locator('.page-head').getByText('Read-only').waitFor({ timeout: 60_000 })
  await expectAccessible(page, 'a MediaWiki wiki')
  await keepScreenshot(page, 'wiki-mediawiki')
  // To who is not signed in there is no such wiki.
  await using stranger = await visitor(browser, world.stack.url)
  const answer = await stranger.page.request.get(new URL(page.url()).pathname.replace('/wikis', '/v1/wikis'))
  expect(answer.status()).toBe(404)
})

test('nothing of it all made the browser complain', () => {
  // MediaWiki's own.
  expect(ada.complaints.filter((line) => !line.includes('JQMIGRATE'))).toEqual([])
})
