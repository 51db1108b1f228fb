/** A real farm that can be held, a stack over it, an operator and a member in browsers of their own. */
import { startStack, startTestFarm, type Stack } from '@wikistead/test/stack'
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchBrowser } from './console-browser.ts'
import { holdFarm, type HeldFarm } from './held-farm.ts'
import { somebody, type Somebody } from './operator-console.ts'

export interface OperatorFarm extends AsyncDisposable {
  readonly farm: HeldFarm
  readonly stack: Stack
  readonly browser: Browser
  readonly operator: Somebody
  readonly member: Somebody
  /** A wiki of the member's that stands, as rows only: the lists know no difference. */
  wiki(
    address: string,
    more?: Partial<Parameters<Stack['store']['wikis']['insert']>[0]>,
  ): ReturnType<Stack['store']['wikis']['insert']>
}

export async function startOperatorFarm(): Promise<OperatorFarm> {
  await using started = new AsyncDisposableStack()
  const real = started.use(await startTestFarm())
  const farm = started.use(await holdFarm(real.url))
  const stack = started.use(await startStack({ farmUrl: farm.url, settings: { console: 'true' } }))
  const browser = await launchBrowser()
  started.defer(() => browser.close())
  const operator = started.use(await somebody(browser, stack, 'Olga', 'operator'))
  const member = started.use(await somebody(browser, stack, 'Mo'))
  const running = started.move()
  return {
    ...{ farm, stack, browser, operator, member },
    wiki: (address, more = {}) =>
      stack.store.wikis.insert({
        ...{ engine: 'fedwiki', address, name: address, status: 'active', visibility: 'public' },
        ...{ customDomain: false, ownerId: member.id, ownerSubject: '', ownerName: '', taskId: null },
        ...more,
      }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** What is looked for on an operator's page. */
export const on = (page: Page) => ({
  button: (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true }),
  heading: (name: string, of = page) => of.getByRole('heading', { level: 1, name }),
  row: (text: string) => page.getByRole('row').filter({ hasText: text }),
  rows: (count: number) => expect.poll(() => page.getByRole('rowheader').count()).toBe(count),
  dialog: () => page.getByRole('dialog'),
})
