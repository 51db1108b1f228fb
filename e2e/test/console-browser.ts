/** The console in a real browser: Chromium, signed in by a one-time link, watched for what it complains of. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import type { AxeResults } from 'axe-core'
import { expect } from 'vitest'
import type { Stack } from '@wikistead/test/stack'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screenshots = join(import.meta.dirname, '../../scratch/screenshots')

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
}

export interface Visitor extends AsyncDisposable {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page wrote as errors, and requests of it that failed. */
  readonly complaints: readonly string[]
}

/** Somebody with a browser of their own. */
export async function visitor(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ baseURL, locale: 'en-GB', ...options })
  // What is slow on a busy machine is no failure; what never comes is, in time.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A refusal that the page shows is logged by the browser as well.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(`console: ${message.text()}`)
    }
    if (message.type() === 'warning') complaints.push(`warning: ${message.text()}`)
  })
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

/** A one-time link of the local admin. */
export async function signInLink(stack: Pick<Stack, 'call'>): Promise<string> {
  const { status, body } = await stack.call('POST', '/auth/local')
  expect(status).toBe(201)
  return String(body['url'])
}

/** Waits for what comes to rest by itself, also what begins with the next frame; what turns on and on may do so. */
const atRest = `new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter(({ effect }) => effect?.getTiming().iterations !== Infinity).map(({ finished }) => finished)))`

/** Whether everybody can use what is shown now. Colours are judged when nothing moves any more. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(atRest)
  // By the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('window.axe.run()')
  const told = violations.map(
    ({ id, nodes }) =>
      `${where}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join(' | ')}`,
  )
  expect(told).toEqual([])
}

/** For people to look at; nothing is compared. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}
