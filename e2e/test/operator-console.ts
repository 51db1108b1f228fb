/** Operators and members in browsers of their own, and how a page looks wherever it is looked at. */
import { randomBytes } from 'node:crypto'
import type { Role } from '@wikistead/contracts'
import type { Stack } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { expectAccessible, keepScreenshot, visitor, type Visitor } from './console-browser.ts'

export interface Somebody extends Visitor {
  readonly id: number
  readonly name: string
}

/** A new user, signed in. */
export async function somebody(
  browser: Browser,
  stack: Stack,
  name: string,
  role: Role = 'member',
): Promise<Somebody> {
  const { user_id: id } = await stack.store.transaction(({ users }) =>
    users.ensure({ name, role, issuer: 'test', subject: `sub-of-${name}` }),
  )
  const token = randomBytes(32).toString('base64url')
  await stack.store.once.keep('local_link', token, { lifetimeMs: 60_000, userId: id })
  const them = await visitor(browser, stack.url)
  await them.page.goto(`/auth/local?token=${token}`)
  await them.page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()
  return { ...them, id, name, [Symbol.asyncDispose]: () => them[Symbol.asyncDispose]() }
}

const wide = { width: 1280, height: 800 }
const phone = { width: 360, height: 740 }
const looks = [
  { as: 'wide-light', viewport: wide, colorScheme: 'light', language: 'en' },
  { as: 'wide-dark', viewport: wide, colorScheme: 'dark', language: 'en' },
  { as: 'phone-light', viewport: phone, colorScheme: 'light', language: 'en' },
  { as: 'wide-from-right', viewport: wide, colorScheme: 'light', language: 'ar' },
  { as: 'phone-dark-from-right', viewport: phone, colorScheme: 'dark', language: 'ar' },
] as const

/** The page as it is now: wide and on a phone, light and dark, from left and from right; all of it for everybody. */
export async function look(page: Page, name: string): Promise<void> {
  for (const { as, viewport, colorScheme, language } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme })
    await chooseLanguage(page, language)
    try {
      await expectAccessible(page, `${name}-${as}`)
      await expectNoSidewaysScroll(page, `${name}-${as}`)
    } finally {
      await keepScreenshot(page, `operate/${name}-${as}`)
    }
  }
  await chooseLanguage(page, 'en')
  await page.setViewportSize(wide)
  await page.emulateMedia({ colorScheme: 'light' })
}

async function chooseLanguage(page: Page, code: string): Promise<void> {
  // Also while a dialog lies over it.
  const select = page.locator('.site-footer select').first()
  if ((await select.inputValue()) === code) return
  await select.selectOption(code, { force: true })
  await page.locator(`html[lang=${code}]`).waitFor()
}

async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const [needed = 0, there = 0] = await page.evaluate<number[]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )
  if (needed > there) throw new Error(`${where} needs ${String(needed)} pixels, and has ${String(there)}`)
}
