// @vitest-environment happy-dom
import type { Wiki, WikiList as WikiPage } from '@wikistead/contracts'
import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import { show } from '../../test/mount.ts'
import { FarmApiError, type FarmApi, type WikiQuery } from '../farm-api.ts'
import WikiList from './WikiList.vue'

enableAutoUnmount(afterEach)
afterEach(() => {
  vi.useRealTimers()
})

const wiki = (id: number, more: Partial<Wiki> = {}): Wiki => ({
  ...{ id, engine: 'fedwiki', name: `Wiki ${String(id)}`, address: `w${String(id)}.wiki.test` },
  ...{ url: `https://w${String(id)}.wiki.test/`, status: 'active', serving: 'active', visibility: 'public' },
  ...{ featured: false, custom_domain: false, owner: { id: 1, name: 'Ada' }, language: null, host: null },
  ...{ task_id: null, purge_after: null, suspension: null },
  ...{ created_at: '2026-01-01T10:00:00.000Z', updated_at: '2026-01-01T10:00:00.000Z' },
  ...more,
})
const wikis = (count: number) => Array.from({ length: count }, (_, at) => wiki(at + 1))

/** Answers as the API does: a page at a time, and a cursor while there are more. */
class Farm implements Pick<FarmApi, 'listWikis'> {
  readonly asked: WikiQuery[] = []
  readonly failures: FarmApiError[] = []
  all: readonly Wiki[]
  constructor(all: readonly Wiki[]) {
    this.all = all
  }

  listWikis = (query: WikiQuery): Promise<WikiPage> => {
    this.asked.push(query)
    const failure = this.failures.shift()
    if (failure !== undefined) return Promise.reject(failure)
    const { cursor = '0', limit = 50 } = query
    const end = Number(cursor) + limit
    return Promise.resolve({
      wikis: this.all.slice(Number(cursor), end),
      next_cursor: end < this.all.length ? String(end) : null,
    })
  }
}

function list(farm: Farm, props: Readonly<Record<string, unknown>> = {}) {
  const slots = { empty: '<p class="nothing">Nothing yet.</p>' }
  const shown = show(WikiList, { which: 'featured', ...props }, farm, slots)
  return {
    shown,
    names: () => shown.findAll('.wf-card__name').map((name) => name.text()),
    more: () => shown.find('.wf-list__more'),
    error: () => shown.find('.wf-error'),
  }
}
const unreachable = () => new FarmApiError({ status: 0, code: 'unreachable' })
const count = (it: ReturnType<typeof list>, expected: number) =>
  expect.poll(() => it.names().length, { interval: 5 }).toBe(expected)

test('until the first answer it says that it loads, and not that there is nothing', async () => {
  const it = list(new Farm([]))
  expect(it.shown.get('.wf-list').attributes('aria-busy')).toBe('true')
  expect(it.shown.text()).toBe('Loading …')
  expect(it.shown.find('.nothing').exists()).toBe(false)
  await expect.poll(() => it.shown.find('.nothing').exists()).toBe(true)
  expect(it.shown.get('.wf-list').attributes('aria-busy')).toBe('false')
  expect(it.shown.find('ul').exists()).toBe(false)
  expect(it.shown.emitted('loaded')).toEqual([[[]]])
})

test('what could not be loaded says why, and comes by another try', async () => {
  const farm = new Farm(wikis(2))
  farm.failures.push(unreachable(), unreachable())
  const it = list(farm)
  await expect.poll(() => it.error().exists()).toBe(true)
  expect(it.error().text()).toContain('The farm’s control plane does not answer.')
  expect(it.shown.find('.nothing').exists()).toBe(false)
  expect(it.shown.text()).not.toContain('Loading')
  await it.error().get('button').trigger('click')
  await expect.poll(() => farm.asked.length).toBe(2)
  expect(it.error().exists()).toBe(true)
  await it.error().get('button').trigger('click')
  await count(it, 2)
  expect(it.error().exists()).toBe(false)
})

test('back online, it asks by itself; once it is gone, no more', async () => {
  const farm = new Farm(wikis(1))
  farm.failures.push(new FarmApiError({ status: 0, code: 'offline' }))
  const it = list(farm)
  await expect.poll(() => it.error().text()).toContain('You are offline.')
  window.dispatchEvent(new Event('online'))
  await count(it, 1)
  expect(it.error().exists()).toBe(false)
  it.shown.unmount()
  window.dispatchEvent(new Event('online'))
  expect(farm.asked).toHaveLength(2)
})

test('it comes a page at a time, each below the one before, until there are no more', async () => {
  const farm = new Farm(wikis(5))
  const it = list(farm, { pageSize: 2 })
  await count(it, 2)
  expect(it.more().text()).toBe('Show more')
  await it.more().trigger('click')
  await count(it, 4)
  await it.more().trigger('click')
  await count(it, 5)
  expect(it.names()).toEqual(['Wiki 1', 'Wiki 2', 'Wiki 3', 'Wiki 4', 'Wiki 5'])
  expect(it.more().exists()).toBe(false)
  expect(farm.asked).toEqual([undefined, '2', '4'].map((cursor) => ({ which: 'featured', cursor, limit: 2 })))
})

test('pressed twice at once, the next page comes once', async () => {
  const farm = new Farm(wikis(5))
  const it = list(farm, { pageSize: 2 })
  await count(it, 2)
  await Promise.all([it.more().trigger('click'), it.more().trigger('click')])
  await count(it, 4)
  expect(farm.asked).toHaveLength(2)
})

test('a next page that fails takes away nothing, and comes by another try', async () => {
  const farm = new Farm(wikis(4))
  const it = list(farm, { pageSize: 2 })
  await count(it, 2)
  farm.failures.push(unreachable())
  await it.more().trigger('click')
  await expect.poll(() => it.error().exists()).toBe(true)
  expect(it.names()).toEqual(['Wiki 1', 'Wiki 2'])
  await it.error().get('button').trigger('click')
  await count(it, 4)
  expect(it.error().exists()).toBe(false)
})

test('their own are asked about again while one is at work, and then no more', async () => {
  vi.useFakeTimers()
  const farm = new Farm([wiki(1, { status: 'creating', task_id: 'task-1' })])
  const it = list(farm, { which: 'mine', againMs: 3_000 })
  await vi.advanceTimersByTimeAsync(2_999)
  expect(it.shown.get('[role=progressbar]').attributes('aria-label')).toContain('Wiki 1')
  expect(farm.asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(3_001)
  expect(farm.asked).toHaveLength(3)
  farm.all = [wiki(1)]
  await vi.advanceTimersByTimeAsync(3_000)
  expect(it.shown.find('[role=progressbar]').exists()).toBe(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(farm.asked).toHaveLength(4)
})

test('whoever loaded more than a page keeps their place, and featured wikis are asked for once', async () => {
  vi.useFakeTimers()
  const working = wikis(4).map((one) => ({ ...one, task_id: 'task-1' }))
  const farm = new Farm(working)
  const it = list(farm, { which: 'mine', pageSize: 2, againMs: 3_000 })
  await vi.advanceTimersByTimeAsync(0)
  await it.more().trigger('click')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(it.names()).toHaveLength(4)
  const featured = new Farm(working)
  list(featured, { againMs: 3_000 })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(featured.asked).toHaveLength(1)
})

test('a card tells its owner what it is doing, and others only what stands', async () => {
  const kept = wiki(1, { name: '<i>Old</i>', status: 'archived', purge_after: '2026-02-03T10:00:00.000Z' })
  const hidden = wiki(2, { engine: 'mediawiki', visibility: 'private', serving: 'readonly' })
  const mine = list(new Farm([kept, hidden]), {
    which: 'mine',
    hrefOf: ({ id }: Wiki) => `/wikis/${String(id)}`,
  })
  await count(mine, 2)
  expect(mine.shown.findAll('h2 a').map((link) => [link.text(), link.attributes('href')])).toEqual([
    ['<i>Old</i>', '/wikis/1'],
    ['Wiki 2', '/wikis/2'],
  ])
  const [first, second] = mine.shown.findAll('.wf-card').map((card) => card.text())
  expect(first).toMatch(/w1\.wiki\.test.*2026/s)
  expect(second).toContain('Private')
  expect(mine.shown.findAll('.wf-status')).toHaveLength(2)

  const featured = list(new Farm([wiki(3)]))
  await count(featured, 1)
  expect(featured.shown.get('h3 a').attributes('href')).toBe('https://w3.wiki.test/')
  expect(featured.shown.find('.wf-status').exists()).toBe(false)
})

test('a card tells its owner why an operator suspended it, as text', () => {
  const suspension = { reason: 'Spam <b>x</b>', since: '2026-01-01T10:00:00.000Z', in_effect: true }
  const it = list(new Farm([wiki(1, { suspension })]), { which: 'mine' })
  return expect.poll(() => it.shown.text()).toMatch(/Suspended.*Suspended: Spam <b>x<\/b>/s)
})
