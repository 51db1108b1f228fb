/** What operators see and do of users, in a browser, over a real farm. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccessible } from '../../test/console-browser.ts'
import { look, somebody, type Somebody } from '../../test/operator-console.ts'
import { on, startOperatorFarm, type OperatorFarm } from '../../test/operator-farm.ts'

const started = new AsyncDisposableStack()
let world: OperatorFarm
let page: Page
let button: ReturnType<typeof on>['button']
let heading: ReturnType<typeof on>['heading']
let row: ReturnType<typeof on>['row']
let dialog: ReturnType<typeof on>['dialog']

beforeAll(async () => {
  world = started.use(await startOperatorFarm())
  page = world.operator.page
  ;({ button, heading, row, dialog } = on(world.operator.page))
  const { id: ownerId } = await world.stack.newMember('Petra')
  await world.wiki('garden.wiki.localhost', { name: 'Garden of Petra', ownerId })
  await world.wiki('meadow.wiki.localhost', { name: 'Meadow of Petra', ownerId })
})
afterAll(() => started.disposeAsync())

describe('users', () => {
  test('are found by a part of their name, or by a whole subject', async () => {
    await page.goto('/operate/users')
    await row('Petra').waitFor()
    await look(page, 'users')
    const search = page.locator('.operate-filters input')
    await search.fill('sub-of-Petra')
    await row('Olga').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Petra' }).click()
    await heading('Petra').waitFor()
    expect(await page.title()).toBe('Petra – Wikistead')
    await page.getByText('2 of 1000 in use').waitFor()
    await page.getByRole('link', { name: 'Garden of Petra' }).waitFor()
    await look(page, 'user')
  })

  test('get a limit of their own, and the farm’s again', async () => {
    const petra = async () =>
      (
        await world.stack.call<{ users: { site_limit: number | null; blocked: boolean; role: string }[] }>(
          'GET',
          '/v1/users?q=sub-of-Petra',
        )
      ).body.users[0]
    await page.getByText('A limit of their own').click()
    const number = page.getByRole('textbox', { name: 'Wikis at most' })
    await number.fill('lots')
    await page.getByText('Give a whole number between 0 and 100,000.').waitFor()
    await expectAccessible(page, 'a wrong limit')
    await number.fill('3')
    await button('Save').click()
    await page.getByText('Saved.').waitFor()
    await page.getByText('2 of 3 in use').waitFor()
    expect(await petra()).toMatchObject({ site_limit: 3 })
    await page.getByText('As everybody on this farm').click()
    await button('Save').click()
    await page.getByText('2 of 1000 in use').waitFor()
    expect(await petra()).toMatchObject({ site_limit: null })
  })

  test('are blocked once that is confirmed, are out at once, and come in again', async () => {
    await page.goto(`/operate/users/${String(world.member.id)}`)
    await button('Block').click()
    await look(page, 'user-block-dialog')
    await button('Block', dialog()).click()
    await page.getByText('Mo is blocked.').waitFor()
    expect(await world.member.page.request.get('/v1/users/me').then((it) => it.status())).toBe(401)
    await page.getByRole('link', { name: 'Users', exact: true }).click()
    await row('Mo').getByText('Blocked').waitFor()
    await page.getByRole('link', { name: 'Mo', exact: true }).click()
    await button('Unblock').click()
    await button('Unblock', dialog()).click()
    await page.getByText('Mo may come in again.').waitFor()
  })

  test('get roles from admins only, and the last admin stays one', async () => {
    await page.goto(`/operate/users/${String(world.member.id)}`)
    await page.getByText('Role: Member').waitFor()
    expect(await button('Give this role').count()).toBe(0)
    await using admin = await somebody(world.browser, world.stack, 'Anna', 'admin')
    const its = admin.page
    await its.goto(`/operate/users/${String(world.operator.id)}`)
    await its.getByRole('combobox', { name: 'Role' }).selectOption('member')
    await button('Give this role', its).click()
    await button('Give this role', its.getByRole('dialog')).click()
    await its.getByText('Olga has another role now.').waitFor()
    // What she could do a moment ago she is refused now.
    await page.goto('/operate/alarms')
    await heading('Not for this account').waitFor()
    await its.getByRole('combobox', { name: 'Role' }).selectOption('operator')
    await button('Give this role', its).click()
    await button('Give this role', its.getByRole('dialog')).click()
    await its.getByRole('dialog').waitFor({ state: 'detached' })
    await page.reload()
    await heading('Alarms').waitFor()

    const { body } = await world.stack.call<{ id: number }>('GET', '/v1/users/me')
    await world.stack.store.users.setBlocked(body.id, true)
    await its.goto(`/operate/users/${String(admin.id)}`)
    await its.getByText('This is you.').waitFor()
    await its.getByRole('combobox', { name: 'Role' }).selectOption('member')
    await button('Give this role', its).click()
    await button('Give this role', its.getByRole('dialog')).click()
    await its.getByText('The farm needs one admin at least.').waitFor()
    await expectAccessible(its, 'the last admin')
    await world.stack.store.users.setBlocked(body.id, false)
  })

  test('are signed out everywhere by an admin who confirms it, and asked to sign in where they were', async () => {
    await using admin = await somebody(world.browser, world.stack, 'Ada', 'admin')
    await using nils = await somebody(world.browser, world.stack, 'Nils')
    await using elsewhere = await somebody(world.browser, world.stack, 'Nils')
    const whoIs = async ({ page: its }: Somebody) => {
      const session = (await its.request.get('/v1/session').then((it) => it.json())) as {
        user: { name: string } | null
      }
      return session.user?.name
    }
    const its = admin.page
    // It is for admins, not for every operator.
    await page.goto(`/operate/users/${String(nils.id)}`)
    await button('Block').waitFor()
    expect(await button('Sign out everywhere').count()).toBe(0)
    await its.goto(`/operate/users/${String(nils.id)}`)
    await button('Sign out everywhere', its).click()
    await its.getByRole('dialog', { name: 'Sign Nils out everywhere?' }).waitFor()
    await expectAccessible(its, 'sign out everywhere')
    await button('Cancel', its.getByRole('dialog')).click()
    await its.getByRole('dialog').waitFor({ state: 'detached' })
    expect([await whoIs(nils), await whoIs(elsewhere)]).toEqual(['Nils', 'Nils'])

    await button('Sign out everywhere', its).click()
    await button('Sign out everywhere', its.getByRole('dialog')).click()
    await its.getByText('Nils is signed out everywhere.').waitFor()
    expect([await whoIs(nils), await whoIs(elsewhere), await whoIs(admin)]).toEqual([
      ...[undefined, undefined, 'Ada'],
    ])
    // A page that was open says so as soon as it asks for something, and a new one asks at once.
    await nils.page.getByRole('banner').getByRole('link', { name: 'Nils' }).click()
    await nils.page.getByText('Your sign-in has ended.').waitFor()
    await nils.page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click()
    await heading('Sign in', nils.page).waitFor()
    expect(new URL(nils.page.url()).searchParams.get('return_to')).toBe('/account')
    await elsewhere.page.goto('/account')
    await heading('Sign in', elsewhere.page).waitFor()
    expect([...admin.complaints, ...nils.complaints, ...elsewhere.complaints]).toEqual([])
  })
})

test('nothing of all that wrote an error', () => {
  expect([...world.operator.complaints, ...world.member.complaints]).toEqual([])
})
