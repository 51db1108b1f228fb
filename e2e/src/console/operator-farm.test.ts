/** What operators see and do of wikis, tasks, alarms and users, in a browser, over a real farm; and who may not. */
import { startStack, startTestFarm, type Stack } from '@wikistead/test/stack'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccessible, keepScreenshot, launchBrowser } from '../../test/console-browser.ts'
import { look, somebody, type Somebody } from '../../test/operator-console.ts'
import { holdFarm, type HeldFarm } from '../../test/held-farm.ts'

const started = new AsyncDisposableStack()
let farm: HeldFarm
let stack: Stack
let browser: Browser
let operator: Somebody
let member: Somebody
let page: Page

beforeAll(async () => {
  const real = started.use(await startTestFarm())
  farm = started.use(await holdFarm(real.url))
  stack = started.use(await startStack({ farmUrl: farm.url, settings: { console: 'true' } }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  operator = started.use(await somebody(browser, stack, 'Olga', 'operator'))
  member = started.use(await somebody(browser, stack, 'Mo'))
  page = operator.page
})
afterAll(() => started.disposeAsync())

const button = (name: string, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: true })
const heading = (name: string, on = page) => on.getByRole('heading', { level: 1, name })
const row = (text: string) => page.getByRole('row').filter({ hasText: text })
const rows = (count: number) => expect.poll(() => page.getByRole('rowheader').count()).toBe(count)
const dialog = () => page.getByRole('dialog')

/** A wiki of the member's that stands, as rows only: the lists know no difference. */
const wiki = (address: string, more: Partial<Parameters<Stack['store']['wikis']['insert']>[0]> = {}) =>
  stack.store.wikis.insert({
    ...{ engine: 'fedwiki', address, name: address, status: 'active', visibility: 'public' },
    ...{ customDomain: false, ownerId: member.id, ownerSubject: '', ownerName: '', taskId: null },
    ...more,
  })

describe('who is no operator', () => {
  test.each([
    '/operate',
    '/operate/wikis',
    '/operate/tasks',
    '/operate/sync',
    '/operate/alarms',
    '/operate/users',
    '/operate/users/1',
    '/operate/audit',
    '/operate/health',
  ])('is told at %s that it is not for them', async (path) => {
    await member.page.goto(path)
    await heading('Not for this account', member.page).waitFor()
    await expectAccessible(member.page, path)
  })

  test('has no way there in the navigation, and is refused by the API itself', async () => {
    expect(await member.page.getByRole('link', { name: 'Operate' }).count()).toBe(0)
    const { csrf_token: csrf } = (await member.page.request.get('/v1/session').then((it) => it.json())) as {
      csrf_token: string
    }
    const ask = async (method: string, path: string, data?: object) =>
      (
        await member.page.request.fetch(path, {
          method,
          headers: { 'x-csrf-token': csrf },
          ...(data && { data }),
        })
      ).status()
    const { wiki_id: id } = await wiki('mine.wiki.localhost')
    expect({
      users: await ask('GET', '/v1/users'),
      alarms: await ask('GET', '/v1/alarms'),
      sync: await ask('GET', '/v1/fedwiki/sync'),
      trigger: await ask('POST', '/v1/fedwiki/sync/trigger', {}),
      pause: await ask('POST', '/v1/fedwiki/sync/pause', { note: 'no' }),
      limit: await ask('PATCH', `/v1/users/${String(member.id)}`, { site_limit: 7 }),
      featured: await ask('PATCH', `/v1/wikis/${String(id)}`, { featured: true }),
      hosts: await ask('GET', '/v1/hosts'),
    }).toEqual({
      ...{
        users: 403,
        alarms: 403,
        sync: 403,
        trigger: 403,
        pause: 403,
        limit: 403,
        featured: 403,
        hosts: 403,
      },
    })
  })
})

describe('an overview', () => {
  test('says that all is well, when it is', async () => {
    await page.goto('/')
    await page.getByRole('link', { name: 'Operate' }).click()
    await heading('The farm at a glance').waitFor()
    await page.getByText('All is well').waitFor()
    await page.getByText('Nothing is at work.').waitFor()
    await page.getByText('Nothing has failed.').waitFor()
    expect(await page.title()).toBe('Overview – Wikistead')
    await look(page, 'overview-well')
  })

  test('shows what a task does, while it does it', async () => {
    const held = farm.hold(
      'request',
      ({ method, domain }) => method === 'POST' && domain === 'slow.wiki.localhost',
    )
    await stack.call(
      'POST',
      '/v1/wikis',
      { engine: 'fedwiki', domain: 'slow', name: 'Slow one' },
      {
        headers: { prefer: 'respond-async' },
      },
    )
    await held.arrived
    await page.getByRole('link', { name: 'Creating Slow one' }).waitFor()
    await page.getByRole('progressbar', { name: 'Progress: Creating Slow one' }).waitFor()
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await row('Creating Slow one').getByText('At work').waitFor()
    await look(page, 'tasks-running')
    held.letGo()
    await row('Creating Slow one').getByText('Done').waitFor()
  })
})

describe('all wikis', () => {
  test('are a page of the list at a time, also when there are ten thousand', async () => {
    const all = Array.from({ length: 10_000 }, (_, at) => ({
      ...({ engine: 'fedwiki', status: 'active', visibility: 'public', customDomain: false } as const),
      ...{ address: `many-${String(at)}.wiki.localhost`, name: `Wiki number ${String(at)}` },
      ...{ ownerId: member.id, ownerSubject: '', ownerName: '', taskId: null },
    }))
    for (let at = 0; at < all.length; at += 500) {
      await stack.store.wikis.insertMany(all.slice(at, at + 500))
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
    const other = await stack.newMember('Petra')
    await wiki('private-one.wiki.localhost', {
      visibility: 'private',
      name: 'Garden of Petra',
      ownerId: other.id,
    })
    await wiki('read-only.wiki.localhost', { serving: 'readonly', name: 'Garden to read', ownerId: other.id })
    const failed = await wiki('broken.wiki.localhost', { name: 'Garden that broke' })
    await stack.store.wikis.release(failed.wiki_id, 'failed')
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
    expect((await stack.store.wikis.list({ limit: 5, featured: true })).length).toBe(0)
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
    const { wiki_id: id } = await wiki('spam.wiki.localhost', { name: 'Spam' })
    await page.goto(`/wikis/${String(id)}`)
    await button('Suspend').click()
    expect(await button('Suspend', dialog()).isDisabled()).toBe(true)
    await dialog().getByRole('textbox', { name: 'Why?' }).fill('Sells <b>pills</b>.')
    await look(page, 'wiki-suspend-dialog')
    await button('Suspend', dialog()).click()
    await page.getByText('Sells <b>pills</b>.').waitFor()
    await member.page.goto(`/wikis/${String(id)}`)
    await member.page.getByText('Sells <b>pills</b>.').waitFor()
    await expectAccessible(member.page, 'a suspended wiki')
    await look(member.page, 'wiki-suspended')
    for (const name of ['Save', 'Suspend', 'Lift the suspension', 'Delete the wiki'])
      expect(await button(name, member.page).count()).toBe(0)
    await member.page.goto('/')
    await member.page.getByText('Suspended: Sells <b>pills</b>.').waitFor()
    await page.getByRole('link', { name: 'What was done to it' }).click()
    await row('suspend').getByText('Sells <b>pills</b>.').waitFor()
    await page.goto(`/wikis/${String(id)}`)
    await button('Lift the suspension').click()
    await button('Lift the suspension', dialog()).click()
    await button('Suspend').waitFor()
    await member.page.goto(`/wikis/${String(id)}`)
    await button('Save', member.page).first().waitFor()
  })

  test('that cannot be asked for say so, and come when they can', async () => {
    await page.goto('/operate/wikis?q=garden')
    await row('Garden of Petra').waitFor()
    await operator.context.setOffline(true)
    await page.getByRole('combobox', { name: 'Who can find it' }).selectOption('public')
    await page.getByText('You are offline. Nothing was lost').waitFor()
    await look(page, 'wikis-offline')
    await operator.context.setOffline(false)
    await row('Garden of Petra').waitFor({ state: 'detached' })
    await page.getByText('You are offline').first().waitFor({ state: 'detached' })
  })
})

describe('tasks', () => {
  test('that failed say why, and are tried again', async () => {
    const { port } = new URL(farm.url)
    expect(port).not.toBe('')
    const held = farm.hold(
      'request',
      ({ method, domain }) => method === 'POST' && domain === 'bad.wiki.localhost',
    )
    const { body } = await stack.call(
      'POST',
      '/v1/wikis',
      { engine: 'fedwiki', domain: 'bad', name: 'Bad luck' },
      { headers: { prefer: 'respond-async' } },
    )
    await held.arrived
    await stack.call('POST', `/v1/tasks/${String(body['task_id'])}/cancel`)
    held.letGo()
    await page.goto('/operate/tasks')
    const bad = row('Creating Bad luck')
    await bad.getByText('Failed').waitFor()
    await bad.getByText('cancelled', { exact: true }).waitFor()
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed')
    await row('Creating Slow one').waitFor({ state: 'detached' })
    await look(page, 'tasks-failed')
    await button('Try again Creating Bad luck').click()
    await page.getByText('Trying again: Creating Bad luck').waitFor()
    await page.getByRole('combobox', { name: 'Status' }).selectOption('')
    await bad.getByText('Done').waitFor()
    await bad.getByRole('link', { name: 'Creating Bad luck' }).click()
    await page.waitForURL(`**/tasks/${String(body['task_id'])}`)
  })

  test('are those of one wiki, found by its name', async () => {
    await page.goto('/operate/tasks')
    await page.getByRole('combobox', { name: 'Wiki' }).fill('slow')
    await page.getByRole('option', { name: /Slow one/ }).click()
    await row('Creating Bad luck').waitFor({ state: 'detached' })
    await rows(1)
    await row('Creating Slow one').getByRole('link', { name: 'The wiki' }).click()
    await heading('Slow one').waitFor()
  })

  test('are those that do one thing', async () => {
    await page.goto('/operate/tasks')
    await row('Creating Slow one').waitFor()
    await page.getByRole('combobox', { name: 'What it does' }).selectOption('sync_sites')
    await row('Creating Slow one').waitFor({ state: 'detached' })
    await page.getByRole('combobox', { name: 'What it does' }).selectOption('create_wiki')
    await row('Creating Slow one').waitFor()
  })
})

describe('alarms', () => {
  test('say what they mean and what clears them; an operator clears those that are theirs to clear', async () => {
    await page.goto('/operate/alarms')
    await page.getByText('Nothing is wrong').waitFor()
    await look(page, 'alarms-none')
    for (const alarm of [
      {
        code: 'task_fenced',
        subject: 'task/of/old',
        message: 'A step of run 1 came after its end.',
        mend: 'Look.',
      },
      { code: 'farm_credentials', subject: 'fedwiki', message: 'The farm said 403.', mend: 'Mend it.' },
      {
        code: 'newly_invented',
        subject: 'it',
        message: 'Something that nobody translated.',
        mend: 'Be brave.',
      },
    ]) {
      await stack.store.alarms.raise(alarm)
    }
    await page.reload()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await page.getByText('A list that the farm answers').waitFor()
    await page.getByText('Be brave.').waitFor()
    expect(await button('I have looked: clear it The farm does not let us in').count()).toBe(0)
    await look(page, 'alarms')
    await page.getByRole('link', { name: 'All wikis' }).click()
    await page.getByText('3 alarms stand:').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await look(page, 'overview-trouble')
    await button('I have looked: clear it A task of the past was stopped').click()
    await page.getByRole('heading', { name: 'A task of the past was stopped' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    await button('I have looked: clear it newly_invented').click()
    await page.getByText('Cleared: newly_invented').waitFor()
    await stack.store.alarms.clear('farm_credentials', 'fedwiki')
    await page.getByText('Show also what is over').click()
    await page.getByRole('heading', { name: 'Over' }).waitFor()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await look(page, 'alarms-over')
    expect(await stack.store.alarms.open()).toEqual([])
  })
})

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
        await stack.call<{ users: { site_limit: number | null; blocked: boolean; role: string }[] }>(
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
    await page.goto(`/operate/users/${String(member.id)}`)
    await button('Block').click()
    await look(page, 'user-block-dialog')
    await button('Block', dialog()).click()
    await page.getByText('Mo is blocked.').waitFor()
    expect(await member.page.request.get('/v1/users/me').then((it) => it.status())).toBe(401)
    await page.getByRole('link', { name: 'Users', exact: true }).click()
    await row('Mo').getByText('Blocked').waitFor()
    await page.getByRole('link', { name: 'Mo', exact: true }).click()
    await button('Unblock').click()
    await button('Unblock', dialog()).click()
    await page.getByText('Mo may come in again.').waitFor()
  })

  test('get roles from admins only, and the last admin stays one', async () => {
    await page.goto(`/operate/users/${String(member.id)}`)
    await page.getByText('Role: Member').waitFor()
    expect(await button('Give this role').count()).toBe(0)
    await using admin = await somebody(browser, stack, 'Anna', 'admin')
    const its = admin.page
    await its.goto(`/operate/users/${String(operator.id)}`)
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

    const { body } = await stack.call<{ id: number }>('GET', '/v1/users/me')
    await stack.store.users.setBlocked(body.id, true)
    await its.goto(`/operate/users/${String(admin.id)}`)
    await its.getByText('This is you.').waitFor()
    await its.getByRole('combobox', { name: 'Role' }).selectOption('member')
    await button('Give this role', its).click()
    await button('Give this role', its.getByRole('dialog')).click()
    await its.getByText('The farm needs one admin at least.').waitFor()
    await expectAccessible(its, 'the last admin')
    await stack.store.users.setBlocked(body.id, false)
  })

  test('are signed out everywhere by an admin who confirms it, and asked to sign in where they were', async () => {
    await using admin = await somebody(browser, stack, 'Ada', 'admin')
    await using nils = await somebody(browser, stack, 'Nils')
    await using elsewhere = await somebody(browser, stack, 'Nils')
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
  expect([...operator.complaints, ...member.complaints]).toEqual([])
})
