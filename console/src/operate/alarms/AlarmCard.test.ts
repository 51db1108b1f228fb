// @vitest-environment happy-dom
import type { Alarm } from '@wikistead/contracts'
import { expect, test, vi } from 'vitest'
import { show } from '../../../test/show.ts'
import AlarmCard from './AlarmCard.vue'

const alarm = (more: Partial<Alarm>): Alarm => ({
  ...{ id: 1, code: 'host_away', subject: 'attic', message: 'Host attic is silent.', mend: 'Start it.' },
  ...{ since: new Date().toISOString(), cleared_at: null, times: null },
  ...more,
})
const shown = async (more: Partial<Alarm>, path = '/') => {
  const onClear = vi.fn()
  const { page } = await show(AlarmCard, { props: { alarm: alarm(more), onClear }, path })
  return { page, onClear, links: page.findAll('a').map((link) => link.attributes('href')) }
}

test('what clears itself is not cleared by hand, and leads to where one looks', async () => {
  const { page, links } = await shown({})
  expect(page.text()).toContain('A host is silent')
  expect(page.text()).toContain('It clears itself then.')
  expect(page.findAll('button')).toHaveLength(0)
  expect(links).toEqual(['/operate/health'])
})

test.each([
  ['site_ownerless', 'lost.wiki.test', '/operate/wikis?q=lost.wiki.test'],
  ['task_stuck', 'a/task', '/tasks/a%2Ftask'],
  ['sync_failed', 'fedwiki', '/operate/sync'],
])('%s leads there', async (code, subject, link) => {
  expect((await shown({ code, subject })).links).toEqual([link])
})

test('nobody is led to where they are', async () => {
  expect((await shown({}, '/operate/health')).links).toEqual([])
})

test('what waits for an operator is cleared by one', async () => {
  const { page, onClear } = await shown({ code: 'temporal_replaced', subject: 'default' })
  await page.get('button').trigger('click')
  expect(onClear).toHaveBeenCalledTimes(1)
})

test('one that this console does not know says what the server says, and can be cleared', async () => {
  const { page } = await shown({ code: 'brand_new' })
  for (const text of ['brand_new', 'Host attic is silent.', 'Start it.']) expect(page.text()).toContain(text)
  expect(page.findAll('button')).toHaveLength(1)
})

test('one that is over asks for nothing', async () => {
  const { page, links } = await shown({ cleared_at: new Date().toISOString() })
  expect(page.text()).toContain('over since')
  expect([page.findAll('button').length, links]).toEqual([0, []])
})
