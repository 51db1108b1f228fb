/** What operators see and do of tasks and alarms, in a browser, over a real farm. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { look } from '../../test/operator-console.ts'
import { on, startOperatorFarm, type OperatorFarm } from '../../test/operator-farm.ts'

const started = new AsyncDisposableStack()
let world: OperatorFarm
let page: Page
let button: ReturnType<typeof on>['button']
let heading: ReturnType<typeof on>['heading']
let row: ReturnType<typeof on>['row']
let rows: ReturnType<typeof on>['rows']

beforeAll(async () => {
  world = started.use(await startOperatorFarm())
  page = world.operator.page
  const { status } = await world.stack.call('POST', '/v1/wikis', {
    ...{ engine: 'fedwiki', domain: 'slow', name: 'Slow one' },
  })
  expect(status).toBe(201)
  ;({ button, heading, row, rows } = on(world.operator.page))
})
afterAll(() => started.disposeAsync())

describe('tasks', () => {
  test('that failed say why, and are tried again', async () => {
    const { port } = new URL(world.farm.url)
    expect(port).not.toBe('')
    const held = world.farm.hold(
      'request',
      ({ method, domain }) => method === 'POST' && domain === 'bad.wiki.localhost',
    )
    const { body } = await world.stack.call(
      'POST',
      '/v1/wikis',
      { engine: 'fedwiki', domain: 'bad', name: 'Bad luck' },
      { headers: { prefer: 'respond-async' } },
    )
    await held.arrived
    await world.stack.call('POST', `/v1/tasks/${String(body['task_id'])}/cancel`)
    held.letGo()
    await page.goto('/operate/tasks')
    const bad = row('Creating Bad luck')
    await bad.getByText('Cancelled').first().waitFor()
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
      await world.stack.store.alarms.raise(alarm)
    }
    await page.reload()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await page.getByText('A list that the farm answers').waitFor()
    await page.getByText('Be brave.').waitFor()
    expect(await button('I have looked: clear it The farm does not let us in').count()).toBe(0)
    await look(page, 'alarms')
    await page.getByRole('link', { name: 'All wikis' }).click()
    await page.getByText('3 things are wrong:').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await look(page, 'overview-trouble')
    await button('I have looked: clear it A task of the past was stopped').click()
    await page.getByRole('heading', { name: 'A task of the past was stopped' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    await button('I have looked: clear it newly_invented').click()
    await page.getByText('Cleared: newly_invented').waitFor()
    await world.stack.store.alarms.clear('farm_credentials', 'fedwiki')
    await page.getByText('Show also what is over').click()
    await page.getByRole('heading', { name: 'Over' }).waitFor()
    await page.getByRole('heading', { name: 'The farm does not let us in' }).waitFor()
    await look(page, 'alarms-over')
    expect(await world.stack.store.alarms.open()).toEqual([])
  })
})

test('nothing of all that wrote an error', () => {
  expect([...world.operator.complaints, ...world.member.complaints]).toEqual([])
})
