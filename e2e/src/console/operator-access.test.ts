/** What operators see at a glance, in a browser, over a real farm; and who may not. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccessible } from '../../test/console-browser.ts'
import { look } from '../../test/operator-console.ts'
import { on, startOperatorFarm, type OperatorFarm } from '../../test/operator-farm.ts'

const started = new AsyncDisposableStack()
let world: OperatorFarm
let page: Page
let heading: ReturnType<typeof on>['heading']
let row: ReturnType<typeof on>['row']

beforeAll(async () => {
  world = started.use(await startOperatorFarm())
  page = world.operator.page
  ;({ heading, row } = on(world.operator.page))
})
afterAll(() => started.disposeAsync())

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
    await world.member.page.goto(path)
    await heading('Not for this account', world.member.page).waitFor()
    await expectAccessible(world.member.page, path)
  })

  test('has no way there in the navigation, and is refused by the API itself', async () => {
    expect(await world.member.page.getByRole('link', { name: 'Operate' }).count()).toBe(0)
    const { csrf_token: csrf } = (await world.member.page.request
      .get('/v1/session')
      .then((it) => it.json())) as {
      csrf_token: string
    }
    const ask = async (method: string, path: string, data?: object) =>
      (
        await world.member.page.request.fetch(path, {
          method,
          headers: { 'x-csrf-token': csrf },
          ...(data && { data }),
        })
      ).status()
    const { wiki_id: id } = await world.wiki('mine.wiki.localhost')
    expect({
      users: await ask('GET', '/v1/users'),
      alarms: await ask('GET', '/v1/alarms'),
      sync: await ask('GET', '/v1/fedwiki/sync'),
      trigger: await ask('POST', '/v1/fedwiki/sync/trigger', {}),
      pause: await ask('POST', '/v1/fedwiki/sync/pause', { note: 'no' }),
      limit: await ask('PATCH', `/v1/users/${String(world.member.id)}`, { site_limit: 7 }),
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
    // What is drawn is there in words and as a table, too.
    await page.getByRole('heading', { name: 'Growth' }).waitFor()
    await page.getByRole('img', { name: /^Users Users: \d/ }).waitFor()
    await page.getByRole('figure').filter({ hasText: 'Users:' }).getByText('As a table').click()
    await page.getByRole('region', { name: 'Users' }).getByRole('columnheader', { name: 'Users' }).waitFor()
    await page.getByRole('button', { name: '7 days' }).click()
    expect(await page.title()).toBe('Overview – Wikistead')
    await look(page, 'overview-well')
  })

  test('shows what a task does, while it does it', async () => {
    const held = world.farm.hold(
      'request',
      ({ method, domain }) => method === 'POST' && domain === 'slow.wiki.localhost',
    )
    await world.stack.call(
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

test('nothing of all that wrote an error', () => {
  expect([...world.operator.complaints, ...world.member.complaints]).toEqual([])
})
