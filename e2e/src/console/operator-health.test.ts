/** Health, hosts, limits of both engines and the audit log, in an operator's browser, over a real MediaWiki host. */
import { eventually } from '@wikistead/test/eventually'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../../test/console-browser.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { look, somebody, type Somebody } from '../../test/operator-console.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let redis: RedisServer
let browser: Browser
let operator: Somebody
let page: Page

beforeAll(async () => {
  redis = started.use(await startRedisServer())
  world = started.use(
    await startMediaWikiWorld({
      settings: {
        ...{ console: 'true', 'wikifarm-host-capacity': '20' },
        ...{ 'redis-server': redis.server, 'redis-password': redis.password },
      },
    }),
  )
  browser = await launchBrowser()
  started.defer(() => browser.close())
  operator = started.use(await somebody(browser, world.stack, 'Olga', 'operator'))
  page = operator.page
})
afterAll(() => started.disposeAsync())

const button = (name: string, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: true })
const row = (text: string) => page.getByRole('row').filter({ hasText: text })
const rows = (count: number) => expect.poll(() => page.getByRole('rowheader').count()).toBe(count)
const region = (name: string) => page.getByRole('region', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const part = (name: string) =>
  page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })

test('every part says that it works', async () => {
  await page.goto('/operate/health')
  await page.getByText('Every part answers.').waitFor()
  for (const name of ['The store', 'Temporal', 'Live events']) await part(name).getByText('Works').waitFor()
  await look(page, 'health')
})

test('a part that does not answer comes first, with its mend, also on the overview', async () => {
  await redis.kill()
  await page.getByText('Something does not answer; the rest works.').waitFor()
  expect(await page.getByRole('listitem').first().innerText()).toContain('Start Redis, or mend redis-server.')
  await look(page, 'health-degraded')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByText('Start Redis, or mend redis-server.').waitFor()
  expect(await page.getByText('All is well').count()).toBe(0)
  await redis.start()
  await page.getByText('All is well').waitFor()
})

test('the processes are told with their builds, and that these differ while an upgrade is under way', async () => {
  await page.goto('/operate/health')
  const processes = region('Processes')
  for (const name of ['API', 'Worker', 'Host here']) {
    await processes.getByRole('listitem').filter({ hasText: name }).getByText('Alive').waitFor()
  }
  expect(await processes.getByText('Different builds').count()).toBe(0)
  const { store } = world.stack
  await store.instances.begin({
    ...{ instanceId: 'older', role: 'worker', machine: 'elsewhere', host: null, version: '0.9.0' },
    ...{ build: 'yesterday', address: null, workerIdentity: null, lineage: 'another', boot: 'another' },
  })
  await processes.getByText(/Different builds run side by side: 0\.9\.0 \(yesterday\)/).waitFor()
  await look(page, 'health-skew')
  await store.instances.end('older')
  await processes.getByText('elsewhere').waitFor({ state: 'detached' })
})

test('a host is drained and fills again, each once it is confirmed', async () => {
  await page.getByRole('link', { name: 'Health' }).click()
  await page.getByText('0 of 20 wikis').waitFor()
  await button('Drain here').click()
  await dialog().getByText('It keeps its wikis and gets no new ones.').waitFor()
  await look(page, 'host-drain-dialog')
  await button('Drain', dialog()).click()
  await page.getByText('Gets no new wikis', { exact: true }).waitFor()
  const wanted = { engine: 'mediawiki', name: 'None', slug: 'no-room', language: 'en' }
  expect(await world.stack.call('POST', '/v1/wikis', wanted)).toMatchObject({ body: { code: 'no_host' } })
  await button('Let it fill again here').click()
  await button('Let it fill again', dialog()).click()
  await region('MediaWiki hosts').getByText('Alive', { exact: true }).waitFor()
})

test('a host that lives is not forgotten, which is not offered either; one that is silent and empty is', async () => {
  const taskId = await world.create('a-wiki')
  await world.ended(taskId)
  await world.stack.store.hosts.beat('attic', null)
  await page.reload()
  await page.getByText('1 of 20 wikis').waitFor()
  await eventually(async () => {
    await page.reload()
    await region('MediaWiki hosts').getByText('Silent', { exact: true }).waitFor({ timeout: 1_000 })
  }, 1_000)
  await look(page, 'hosts')
  expect(await button('Forget here').count()).toBe(0)
  expect(await world.stack.call('DELETE', '/v1/hosts/here')).toMatchObject({
    ...{ status: 409, body: { code: 'busy' } },
  })
  await button('Forget attic').click()
  await button('Forget', dialog()).click()
  await page.getByText('attic is forgotten.').waitFor()
  expect((await world.stack.store.hosts.list()).map(({ host }) => host)).toEqual(['here'])
})

test('a user gets a limit of their own for MediaWiki wikis', async () => {
  const { body } = await world.stack.call<{ id: number }>('GET', '/v1/users/me')
  await page.goto(`/operate/users/${String(body.id)}`)
  const limit = page.locator('form').filter({ hasText: 'MediaWiki' })
  await limit.getByText('1 of 1000 in use').waitFor()
  await look(page, 'user-of-both-engines')
  await limit.getByText('A limit of their own').click()
  await limit.getByRole('textbox', { name: 'Wikis at most' }).fill('1')
  await button('Save', limit).click()
  await limit.getByText('1 of 1 in use').waitFor()
  const wanted = { engine: 'mediawiki', name: 'One too many', slug: 'too-many', language: 'en' }
  expect(await world.stack.call('POST', '/v1/wikis', wanted)).toMatchObject({
    ...{ status: 403, body: { code: 'quota_reached' } },
  })
})

test('the audit log tells of all that, of each user, and of each thing', async () => {
  await page.getByRole('link', { name: 'Audit log' }).click()
  await row('PATCH /v1/users/:id').getByText('200').waitFor()
  await row('POST /v1/wikis').filter({ hasText: 'no_host' }).first().waitFor()
  await look(page, 'audit')
  await page.getByRole('combobox', { name: 'Who' }).fill('olg')
  await page.getByRole('option', { name: /Olga/ }).click()
  await row('no_host').first().waitFor({ state: 'detached' })
  await row('DELETE /v1/hosts/:host').filter({ hasText: '200' }).waitFor()
  await row('sign_in').waitFor()
  await page.getByRole('link', { name: 'PATCH /v1/hosts/:host' }).first().click()
  await row('DELETE /v1/hosts/:host').first().waitFor({ state: 'detached' })
  await rows(2)
  await page.getByRole('link', { name: 'here', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor()
  await page.goto(`/operate/users/${String(operator.id)}`)
  await page.getByRole('link', { name: 'What they did' }).click()
  await row('PATCH /v1/users/:id').waitFor()
  await page
    .getByRole('textbox', { name: 'About' })
    .or(page.getByRole('searchbox', { name: 'About' }))
    .fill('host/attic')
  await row('PATCH /v1/users/:id').waitFor({ state: 'detached' })
  await rows(1)
})

test('nothing of all that wrote an error', () => {
  expect(operator.complaints).toEqual([])
})
