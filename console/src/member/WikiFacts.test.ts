// @vitest-environment happy-dom
import type { Wiki } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { show } from '../../test/show.ts'
import WikiFacts from './WikiFacts.vue'

const wiki: Wiki = {
  ...{ id: 1, engine: 'mediawiki', name: 'Notes', address: 'notes', url: 'http://notes.wikis.test' },
  ...{ status: 'active', serving: 'active', visibility: 'public', featured: false, custom_domain: false },
  ...{ owner: { id: 1, name: 'Ada' }, language: null, host: null, task_id: null, purge_after: null },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', suspension: null },
}
const textOf = async (more: Partial<Wiki>) => {
  const { page } = await show(WikiFacts, { props: { wiki: { ...wiki, ...more } } })
  return page.text()
}

test('a wiki that stands says who finds it and what it does', async () => {
  expect(await textOf({})).toContain('Readable and writable')
  expect(await textOf({})).toContain('Public')
})

test('one that was deleted says so, and until when it comes back', async () => {
  const text = await textOf({ status: 'archived', purge_after: '2026-02-01T00:00:00Z' })
  expect(text).toContain('Deleted')
  expect(text).toContain('Can be restored until')
  expect(text).not.toMatch(/Readable and writable|Public/)
})

test('one that was removed for good says only that', async () => {
  const text = await textOf({ status: 'deleted' })
  expect(text).toContain('Removed')
  expect(text).not.toMatch(/Readable and writable|Public|Can be restored/)
})
