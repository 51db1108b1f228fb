/** What operators see and do of all wikis, in a browser, over a real farm. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccessible, keepScreenshot } from '../../test/console-browser.ts'
import { look } from '../../test/operator-console.ts'
import { on, startOperatorFarm, type OperatorFarm } from '../../test/operator-farm.ts'

const started = new AsyncDisposableStack()
let world: OperatorFarm
let page: Page
let button: ReturnType<typeof on>['button']
let heading: ReturnType<typeof on>['heading']
let row: ReturnType<typeof on>['row']
let rows: ReturnType<typeof on>['rows']
let dialog: ReturnType<typeof on>['dialog']

beforeAll(async () => {
  world = started.use(await startOperatorFarm())
  page = world.operator.page
  ;({ button, heading, row, rows, dialog } = on(world.operator.page))
})
afterAll(() => started.disposeAsync())

describe('all wikis', () => {
  test('are a page of the list at a time, also when there are ten thousand', async () => {
    const all = Array.from({ length: 10_000 }, (_, at) => ({
      ...({ engine: 'fedwiki', status: 'active', visibility: 'public', customDomain: false } as const),
      ...{ address: `many-${String(at)}.wiki.localhost`, name: `Wiki number ${String(at)}` },
      ...{ ownerId: world.member.id, ownerSubject: '', ownerName: '', taskId: null },
    }))
    for (let at = 0; at < all.length; at += 500) {
      await world.stack.store.wikis.insertMany(all.slice(at, at + 500))
    }
    await page.goto('/operate/wikis')
    await row('Wiki number 9999').waitFor()
    await rows(50)
    expect(await button('Previous').isDisabled()).toBe(true)
    await keepScreenshot(page, 'operate/wikis')
    await expectAccessible(page, 'wikis')
    await button('Next').click()
    await row('Wiki number 9949').waitFor()
    await rows(50)
    await page.getByText('Page 2', { exact: true }).waitFor()
    expect(await page.locator(':focus').innerText()).toBe('Next')
    await page.reload()
    await row('Wiki number 9949').waitFor()
    await button('Next').click()
    await row('Wiki number 9899').waitFor()
    await button('Previous').click()
    await row('Wiki number 9949').waitFor()
    await page.goBack()
    await row('Wiki number 9899').waitFor()
  })

  test('are found by their names and filtered, in an address that can be kept', async () => {
    const other = await world.stack.newMember('Petra')
    await world.wiki('private-one.wiki.localhost', {
      visibility: 'private',
      name: 'Garden of Petra',
      ownerId: other.id,
    })
    await world.wiki('read-only.wiki.localhost', {
      serving: 'readonly',
      name: 'Garden to read',
      ownerId: other.id,
    })
    const failed = await world.wiki('broken.wiki.localhost', { name: 'Garden that broke' })
    await world.stack.store.wikis.release(failed.wiki_id, 'failed')
    await page.goto('/operate/wikis')
    await page
      .getByRole('searchbox')
      .or(page.getByRole('textbox', { name: 'Search' }))
      .first()
      .fill('garden')
    await row('Garden of Petra').waitFor()
    await rows(2)
    await expect.poll(() => new URL(page.url()).search).toBe('?q=garden')
    await page.getByRole('combobox', { name: 'Who can find it' }).selectOption('private')
    await row('Garden to read').waitFor({ state: 'detached' })
    await row('Garden of Petra').waitFor()
    await page.reload()
    await row('Garden of Petra').waitFor()
    await rows(1)
    await page.getByRole('combobox', { name: 'Kind of wiki' }).selectOption('mediawiki')
    await button('Show all').waitFor()
    await look(page, 'wikis-nothing')
    await button('Show all').click()
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed')
    await row('Garden that broke').waitFor()
    await page.goto('/operate/wikis')
    await page.getByRole('combobox', { name: 'Owner' }).fill('pet')
    await page.getByRole('option', { name: /Petra/ }).click()
    await row('Garden to read').waitFor()
    await rows(2)
    await expect.poll(() => new URL(page.url()).searchParams.get('owner')).toBe(String(other.id))
    await page.reload()
    await expect.poll(() => page.getByRole('combobox', { name: 'Owner' }).inputValue()).toBe('Petra')
    await look(page, 'wikis-of-owner')
  })

  test('are featured by a switch, and seen on the first page at once', async () => {
    await rows(2)
    await row('Garden to read').getByRole('switch', { name: 'Feature Garden to read' }).check({ force: true })
    await page.getByText('Garden to read is featured now.').waitFor()
    await page.getByRole('link', { name: 'Home' }).click()
    await page.getByRole('link', { name: 'Garden to read' }).waitFor()
    await page.goto('/operate/wikis?featured=1')
    await row('Garden to read').getByRole('switch').uncheck({ force: true })
    await button('Show all').waitFor()
    expect((await world.stack.store.wikis.list({ limit: 5, featured: true })).length).toBe(0)
  })

  test('lead to their own pages, where an operator may act', async () => {
    await page.goto('/operate/wikis?q=read-only')
    await page.getByRole('link', { name: 'Garden to read' }).click()
    await heading('Garden to read').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('Garden to look at')
    await button('Save').first().click()
    await heading('Garden to look at').waitFor()
    await page.getByRole('link', { name: 'What was done to it' }).click()
    await row('PATCH /v1/wikis/:id').getByText('Olga').first().waitFor()
  })

  test('are suspended with a reason, which their owners read and cannot undo, and are let go again', async () => {
    const { wiki_id: id } = await world.wiki('spam.wiki.localhost', { name: 'Spam' })
    await page.goto(`/wikis/${String(id)}`)
    await button('Suspend').click()
    expect(await button('Suspend', dialog()).isDisabled()).toBe(true)
    await dialog().getByRole('textbox', { name: 'Why?' }).fill('Sells <b>pills</b>.')
    await look(page, 'wiki-suspend-dialog')
    await button('Suspend', dialog()).click()
    await page.getByText('Sells <b>pills</b>.').waitFor()
    await world.member.page.goto(`/wikis/${String(id)}`)
    await world.member.page.getByText('Sells <b>pills</b>.').waitFor()
    await expectAccessible(world.member.page, 'a suspended wiki')
    await look(world.member.page, 'wiki-suspended')
    for (const name of ['Save', 'Suspend', 'Lift the suspension', 'Delete the wiki'])
      expect(await button(name, world.member.page).count()).toBe(0)
    await world.member.page.goto('/')
    await world.member.page.getByText('Suspended: Sells <b>pills</b>.').waitFor()
    await page.getByRole('link', { name: 'What was done to it' }).click()
    await row('suspend').getByText('Sells <b>pills</b>.').waitFor()
    await page.goto(`/wikis/${String(id)}`)
    await button('Lift the suspension').click()
    await button('Lift the suspension', dialog()).click()
    await button('Suspend').waitFor()
    await world.member.page.goto(`/wikis/${String(id)}`)
    await button('Save', world.member.page).first().waitFor()
  })

  test('that cannot be asked for say so, and come when they can', async () => {
    await page.goto('/operate/wikis?q=garden')
    await row('Garden of Petra').waitFor()
    await world.operator.context.setOffline(true)
    await page.getByRole('combobox', { name: 'Who can find it' }).selectOption('public')
    await page.getByText('You are offline. Nothing was lost').waitFor()
    await look(page, 'wikis-offline')
    await world.operator.context.setOffline(false)
    await row('Garden of Petra').waitFor({ state: 'detached' })
    await page.getByText('You are offline').first().waitFor({ state: 'detached' })
  })
})

test('nothing of all that wrote an error', () => {
  expect([...world.operator.complaints, ...world.member.complaints]).toEqual([])
})
