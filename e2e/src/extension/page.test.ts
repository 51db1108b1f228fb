/** Special:WikiFarm in a real browser, on a hub that Wikistead made: from the log-in to a wiki that serves. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepScreenshot, launchBrowser, visitor } from '../../test/console-browser.ts'
import { password, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
let browser: Browser
beforeAll(async () => {
  farm = started.use(await startHubWorld({ farmSettings: "wfLoadSkin( 'MinervaNeue' );" }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  await farm.member('Ada')
})
afterAll(() => started.disposeAsync())

const open = (more: Parameters<typeof visitor>[2] = {}) => visitor(browser, `http://${farm.hub}`, more)
/** MediaWiki and its skins warn of what they still use themselves. */
const isOurs = (line: string): boolean => !/JQMIGRATE|deprecated ResourceLoader module/.test(line)
const special = '/wiki/Special:WikiFarm'

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Log in' }).last().click()
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

test('a visitor logs in, makes a wiki, watches it come alive and opens it as its founder', async () => {
  await using somebody = await open()
  const { page, complaints } = somebody
  await page.goto(special)
  await page.getByRole('heading', { name: 'Featured wikis' }).waitFor()
  await keepScreenshot(page, 'extension-signed-out')
  await signIn(page, 'Ada')
  await page.waitForURL(/Special:WikiFarm/)
  await page.getByRole('heading', { name: 'Make a new wiki' }).waitFor()
  await page.locator('.wf-create input[name=name]').fill('Ada’s Notes')
  await keepScreenshot(page, 'extension-form')
  expect(await page.locator('input[name=address]').inputValue()).toBe('adas-notes')
  await page.locator('.wf-create__submit').click()
  await page.locator('.ext-wikifarm__task').waitFor()
  expect(page.url()).toMatch(/#task=[\w-]+$/)
  await page.locator('.ext-wikifarm__open').waitFor({ timeout: 120_000 })
  await keepScreenshot(page, 'extension-made')
  await page.locator('.ext-wikifarm__open').click()
  await page.waitForURL(`http://${farm.hostOf('adas-notes')}/**`)
  expect(await page.title()).toContain('Ada’s Notes')
  await page.getByRole('link', { name: 'Log in' }).first().click()
  await page.getByLabel('Username').fill('Ada')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.goto(`http://${farm.hostOf('adas-notes')}/wiki/Special:UserRights/Ada`)
  await page.getByText('Administrators').first().waitFor()
  expect(complaints.filter(isOurs)).toEqual([])
})

test('who reloads the page while a wiki is made finds its progress again', async () => {
  await using somebody = await open()
  const { page } = somebody
  await page.goto(special)
  await signIn(page, 'Ada')
  await page.getByRole('heading', { name: 'Make a new wiki' }).waitFor()
  await page.locator('.wf-create input[name=name]').fill('Second')
  await page.locator('.wf-create__submit').click()
  await page.waitForURL(/#task=/)
  await page.reload()
  await page.locator('.ext-wikifarm__open').waitFor({ timeout: 120_000 })
  await page.getByRole('link', { name: 'Make another wiki' }).click()
  await page.getByRole('heading', { name: 'Make a new wiki' }).waitFor()
  expect(page.url()).not.toContain('#task')
})

describe('shows featured wikis and the way in', () => {
  for (const skin of ['vector-2022', 'minerva']) {
    for (const [language, direction, text] of [
      ['en', 'ltr', 'Featured wikis'],
      ['zh-hans', 'ltr', '精选维基'],
      ['ar', 'rtl', 'ويكيات مختارة'],
    ] as const) {
      test(`in ${skin}, ${language}`, async () => {
        for (const width of [360, 1280]) {
          await using somebody = await open({ viewport: { width, height: 800 } })
          const { page, complaints } = somebody
          await page.goto(`${special}?useskin=${skin}&uselang=${language}`)
          await page.locator('.wf-list').waitFor()
          expect(await page.locator('html').getAttribute('dir')).toBe(direction)
          expect(await page.locator('body').getAttribute('class')).toContain(`skin-${skin}`)
          await page.getByRole('heading', { name: text }).waitFor()
          const [aside, main] = [
            await page.locator('.ext-wikifarm__sign-in').boundingBox(),
            await page.locator('.ext-wikifarm__main').boundingBox(),
          ]
          if (aside === null || main === null) throw new Error('the page lacks a part')
          if (width < 720) expect(aside.y).toBeLessThan(main.y)
          else if (direction === 'ltr') expect(aside.x).toBeGreaterThan(main.x + main.width - 1)
          else expect(aside.x + aside.width).toBeLessThan(main.x + 1)
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
          expect(await page.locator('body').innerText()).not.toContain('⧼')
          await keepScreenshot(page, `extension-${skin}-${language}-${String(width)}`)
          expect(complaints.filter(isOurs)).toEqual([])
        }
      })
    }
  }
})

test('without JavaScript there are the lists, and the way to the log-in', async () => {
  await using somebody = await open({ javaScriptEnabled: false })
  const { page } = somebody
  await page.goto(special)
  await page.getByRole('heading', { name: 'Featured wikis' }).waitFor()
  await signIn(page, 'Ada')
  await page.getByRole('link', { name: 'Ada’s Notes' }).waitFor()
  expect(await page.content()).toContain('turn on JavaScript')
  await keepScreenshot(page, 'extension-no-script')
})
