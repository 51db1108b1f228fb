/**
 * Two members of a real `start` in Chromium: each makes a site in the console, signs in there with the same account, and
 * writes on their own site alone. Nobody's password is asked on the way: the console's sign-in is what counts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type Config } from '@wikistead/config'
import { chooseFreePort } from '@wikistead/processes'
import { createLogger, start, type Started } from '@wikistead/server'
import { openStore, type Store } from '@wikistead/store'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, visitor, type Visitor } from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
let config: Config
let running: Started
let store: Store
let browser: Browser

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-openid-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [port, farmPort] = [await chooseFreePort('127.0.0.1'), await chooseFreePort('127.0.0.1')]
  const flags = { port: String(port), temporalPort: '0', fedwikiFarmPort: String(farmPort) }
  config = loadConfig({ flags: { ...flags, dataFolder: folder }, env: process.env })
  await begin()
  started.defer(() => running[Symbol.asyncDispose]())
  // The same database, for what people would do at the sign-in page.
  store = started.use(await openStore({ engine: 'sqlite', filename: join(folder, 'wikistead.sqlite') }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
})
afterAll(() => started.disposeAsync())

async function begin(): Promise<void> {
  running = await start(config, { env: process.env, logger: createLogger('silent') })
}

interface Member extends Visitor {
  /** As their sign-in to the console leaves this browser. */
  signInHere(): Promise<void>
  signOutEverywhere(): Promise<void>
}

async function member(name: string): Promise<Member> {
  const { user_id: userId } = await store.users.ensure({
    ...{ name, role: 'member', issuer: 'https://accounts.invalid', subject: `account-of-${name}` },
  })
  const somebody = started.use(await visitor(browser, running.url))
  // FedWiki's pages ask others for fonts, which nobody answers here.
  const isElsewhere = ({ hostname }: URL) => !/(?:^|\.)localhost$|^127\.0\.0\.1$/.test(hostname)
  await somebody.context.route(isElsewhere, (route) => route.abort())
  return {
    ...somebody,
    [Symbol.asyncDispose]: () => somebody[Symbol.asyncDispose](),
    async signInHere() {
      const value = await store.sessions.create({ userId, userAgent: 'chromium', provenAt: store.now() })
      await somebody.context.addCookies([{ name: 'wikistead-session', value, url: running.url }])
    },
    signOutEverywhere: async () => void (await store.sessions.revokeAllOf(userId)),
  }
}

/** In the console, as its pages lead. Gives the site's address. */
async function makeSite({ page }: Member, name: string): Promise<string> {
  await page.goto('/create')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByText('is free').waitFor()
  await page.getByRole('button', { name: 'Create wiki' }).click()
  await page.getByText('Done', { exact: true }).first().waitFor()
  return `http://${name.toLowerCase().replace(' ', '-')}.wiki.localhost:${String(config.fedwikiFarmPort)}`
}

/** By the lock in the site's footer, and the window that it opens. Ends with what that window comes to. */
async function openSignIn({ page, context }: Member, site: string): Promise<Page> {
  await page.goto(site, { waitUntil: 'domcontentloaded' })
  const lock = page.locator('#show-security-dialog')
  // Its picture comes from elsewhere, too: without it there is nothing to be seen of it.
  await lock.waitFor({ state: 'attached' })
  const opened = context.waitForEvent('page')
  await lock.dispatchEvent('click')
  const dialog = await opened
  await dialog.locator('#oauth2').click()
  return dialog
}

/** As the page of the site that they are on asks. */
const isOwner = ({ page }: Member): Promise<boolean> =>
  page.evaluate(async () => {
    const answer = await fetch('/auth/client-settings.json')
    return ((await answer.json()) as { isOwner: boolean }).isOwner
  })

/** As the page itself sends it. */
async function write({ page }: Member, site: string, slug: string): Promise<number> {
  await page.goto(site, { waitUntil: 'domcontentloaded' })
  return page.evaluate(async (slug) => {
    const action = { type: 'create', item: { title: slug, story: [] }, date: Date.now() }
    const body = new URLSearchParams({ action: JSON.stringify(action) })
    return (await fetch(`/page/${slug}/action`, { method: 'PUT', body })).status
  }, slug)
}

test('each signs in on their own site with the account of the console, and writes there alone', async () => {
  const [ada, bob] = [await member('Ada'), await member('Bob')]
  await ada.signInHere()
  await bob.signInHere()
  const [hers, his] = [await makeSite(ada, 'Adas garden'), await makeSite(bob, 'Bobs garden')]

  expect(await write(ada, hers, 'before')).toBe(403)
  for (const [somebody, own, other] of [
    [ada, hers, his],
    [bob, his, hers],
  ] as const) {
    await openSignIn(somebody, own)
    await expect.poll(() => isOwner(somebody)).toBe(true)
    expect(await write(somebody, own, 'a-page')).toBe(200)
    await openSignIn(somebody, other)
    await expect
      .poll(async () => (await somebody.context.cookies(other)).some(({ name }) => name === 'wikiSession'))
      .toBe(true)
    expect(await isOwner(somebody)).toBe(false)
    expect(await write(somebody, other, 'not-mine')).toBe(403)
  }
})

test('who is not signed in comes to the sign-in page of the console, and from there back to their site', async () => {
  const eve = await member('Eve')
  await eve.signInHere()
  const site = await makeSite(eve, 'Eves garden')
  await eve.signOutEverywhere()
  const dialog = await openSignIn(eve, site)
  await dialog.waitForURL(`${running.url}/sign-in?return_to=*`)
  await dialog.getByRole('heading', { level: 1 }).waitFor()
  expect(await isOwner(eve)).toBe(false)
  await eve.signInHere()
  await dialog.reload()
  await expect.poll(() => isOwner(eve)).toBe(true)
  expect(await write(eve, site, 'a-page')).toBe(200)
})

test('a restart of everything ends no sign-in on a site, and the next one works', async () => {
  const grace = await member('Grace')
  await grace.signInHere()
  const site = await makeSite(grace, 'Graces garden')
  await openSignIn(grace, site)
  await expect.poll(() => isOwner(grace)).toBe(true)
  await running[Symbol.asyncDispose]()
  await begin()
  expect(await write(grace, site, 'after-it')).toBe(200)
  await grace.context.clearCookies({ name: 'wikiSession' })
  expect(await write(grace, site, 'signed-out')).toBe(403)
  await openSignIn(grace, site)
  await expect.poll(() => isOwner(grace)).toBe(true)
})
