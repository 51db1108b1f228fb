/** An operator's hand on the sync, in a browser, over a real farm. */
import { startTestFarm, type FarmForTests } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../../test/console-browser.ts'
import { look, somebody, type Somebody } from '../../test/operator-console.ts'
import { ownerOf, plant, startSyncWorld, uproot, type SyncWorld } from '../../test/sync-world.ts'

const started = new AsyncDisposableStack()
let farm: FarmForTests
let world: SyncWorld
let browser: Browser
let operator: Somebody
let page: Page

beforeAll(async () => {
  farm = started.use(await startTestFarm())
  world = started.use(await startSyncWorld(farm.url, { settings: { console: 'true' } }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  operator = started.use(await somebody(browser, world.stack, 'Olga', 'operator'))
  page = operator.page
})
afterAll(() => started.disposeAsync())

const domains = Array.from({ length: 12 }, (_, at) => `site-${String(at).padStart(2, '0')}.wiki.localhost`)
const schedule = async () => (await world.stack.call('GET', '/v1/fedwiki/sync')).body
const button = (name: string, within: Page | ReturnType<Page['getByRole']> = page) =>
  within.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const last = () => page.getByRole('region', { name: 'Last result' })

test('there is no schedule at first, and one is made with its interval and its default user', async () => {
  await page.goto('/operate/sync')
  await page.getByText('Nothing is compared unless somebody asks for it.').waitFor()
  expect(await page.title()).toBe('FedWiki sync – Wikistead')
  await look(page, 'sync-none')
  await button('Make a schedule').click()
  await page.getByRole('textbox', { name: 'Every' }).fill('0')
  await button('Save').click()
  await page.getByText('Give a whole number, 1 or more.').waitFor()
  await page.getByText('Find a user and choose them.').waitFor()
  await look(page, 'sync-form-wrong')
  await page.getByRole('textbox', { name: 'Every' }).fill('30')
  await page.getByRole('combobox', { name: 'Unit' }).selectOption('minute')
  await page.getByRole('combobox', { name: 'Stray sites go to' }).fill('olg')
  await page.getByRole('option', { name: 'Olga' }).click()
  await button('Save').click()
  await page.getByText('30 minutes').waitFor()
  await page.getByRole('link', { name: 'Olga', exact: true }).last().waitFor()
  expect(await schedule()).toMatchObject({
    ...{ enabled: true, interval_seconds: 1_800, default_user_id: operator.id, paused: false },
  })
})

test('the interval is changed, and a reload shows it', async () => {
  await button('Change').click()
  await page.getByRole('textbox', { name: 'Every' }).fill('2')
  await page.getByRole('combobox', { name: 'Unit' }).selectOption('hour')
  await button('Save').click()
  await page.getByText('2 hours').waitFor()
  await page.reload()
  await page.getByText('2 hours').waitFor()
  expect(await schedule()).toMatchObject({ interval_seconds: 7_200, default_user_id: operator.id })
})

test('a pause needs a note, which everybody sees until it goes on', async () => {
  await button('Pause').click()
  const pause = button('Pause', dialog())
  expect(await pause.isDisabled()).toBe(true)
  await page.getByRole('textbox', { name: 'Why?' }).fill('The farm moves to another machine.')
  await look(page, 'sync-pause-dialog')
  await pause.click()
  await dialog().waitFor({ state: 'detached' })
  await page.getByText('Paused: The farm moves to another machine.').waitFor()
  await page.getByText('None while it is paused').waitFor()
  expect(await schedule()).toMatchObject({ paused: true, note: 'The farm moves to another machine.' })
  await look(page, 'sync-paused')
  await page.goto('/operate')
  await page.getByText('Paused: The farm moves to another machine.').waitFor()
  await page.goto('/operate/sync')
  await button('Resume').click()
  await page.getByRole('textbox', { name: 'Why?' }).fill('It has moved.')
  await button('Resume', dialog()).click()
  await dialog().waitFor({ state: 'detached' })
  await page.getByText('It has moved.').waitFor()
  expect(await schedule()).toMatchObject({ paused: false, note: 'It has moved.' })
})

test('a sync is begun, is seen at work, and ends before one’s eyes', async () => {
  for (const domain of domains) await plant(farm, domain, ownerOf('somebody'))
  using held = world.gate.hold((method, path) => method === 'GET' && path.endsWith('/sites'))
  await button('Sync now').click()
  await held.arrived
  await last().getByText('At work').waitFor()
  expect(await button('Sync now').isDisabled()).toBe(true)
  await look(page, 'sync-running')
  held.release()
  await last().getByText('In sync: 12 added, 0 removed.').waitFor()
  expect(await world.stack.store.wikis.list({ limit: 200 })).toHaveLength(12)
})

test('many sites that are gone are shown, stay until they are confirmed by their number, and then go', async () => {
  await uproot(farm, ...domains.slice(0, 7))
  await button('Sync now').click()
  await page.getByRole('heading', { name: '7 sites are missing on the farm' }).waitFor()
  await page.getByText('Which 7?').click()
  for (const domain of domains.slice(0, 7)) await page.getByText(domain, { exact: true }).waitFor()
  expect(await page.getByText(domains[7] ?? '', { exact: true }).count()).toBe(0)
  await last().getByText('sync_untrusted', { exact: true }).waitFor()
  await look(page, 'sync-untrusted')

  // Wherever an operator is, they hear of it, and get there.
  await page.getByRole('link', { name: 'Home' }).click()
  await page
    .getByText('Something is wrong: Too many sites are missing')
    .or(page.getByText('Something is wrong:'))
    .first()
    .waitFor()
  await look(page, 'banner')
  await page.getByRole('link', { name: 'Look', exact: true }).click()
  await page.getByRole('heading', { name: 'Too many sites are missing' }).waitFor()
  await page.getByRole('link', { name: 'To the sync' }).click()

  await button('They are really gone …').click()
  const remove = button('Remove 7 sites', dialog())
  expect(await remove.isDisabled()).toBe(true)
  const word = dialog().getByRole('textbox')
  await word.fill('6')
  expect(await remove.isDisabled()).toBe(true)
  await look(page, 'sync-confirm-dialog')
  await button('Cancel', dialog()).click()
  await dialog().waitFor({ state: 'detached' })
  expect(await world.stack.store.wikis.list({ limit: 200 })).toHaveLength(12)

  await button('They are really gone …').click()
  await word.fill('7')
  await remove.click()
  await last().getByText('In sync: 0 added, 7 removed.').waitFor()
  await page.getByRole('heading', { name: '7 sites are missing on the farm' }).waitFor({ state: 'detached' })
  expect((await world.stack.store.wikis.list({ limit: 200 })).map(({ address }) => address).sort()).toEqual(
    domains.slice(7),
  )
  await page.getByRole('link', { name: 'Home' }).click()
  await page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()
  await page.getByText('Something is wrong:').waitFor({ state: 'detached' })
})

test('what another operator has begun meanwhile is refused, and said', async () => {
  await page.goto('/operate/sync')
  await button('Sync now').waitFor()
  using held = world.gate.hold((method, path) => method === 'GET' && path.endsWith('/sites'))
  // The page does not know of it yet.
  await page.route('**/v1/fedwiki/sync', (route) => route.abort())
  const taskId = await world.begin()
  await held.arrived
  await button('Sync now').click()
  await page.getByText('The farm is being compared already.').first().waitFor()
  await page.unroute('**/v1/fedwiki/sync')
  held.release()
  expect((await world.end(taskId)).output.success).toBe(true)
})

test('a schedule that is removed is gone, once that is confirmed', async () => {
  await page.reload()
  await button('Remove the schedule').click()
  await dialog().getByText('not even after a restart').waitFor()
  await look(page, 'sync-remove-dialog')
  await button('Remove the schedule', dialog()).click()
  await page.getByText('Nothing is compared unless somebody asks for it.').waitFor()
  expect(await schedule()).toMatchObject({ enabled: false })
})

test('nothing of all that wrote an error', () => {
  expect(operator.complaints).toEqual([])
})
