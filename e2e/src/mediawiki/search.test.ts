/** What becomes of tasks whose OpenSearch is away, shut, blocked or empty: over stand-ins for it and for CirrusSearch’s scripts. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaWikiSentences } from '@wikistead/contracts'
import type { SearchStandIn } from '@wikistead/mediawiki/test/search-stand-in'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let search: SearchStandIn

beforeAll(async () => {
  world = started.use(await startMediaWikiWorld({ cirrusStandIn: true }))
  if (world.search === undefined) throw new Error('it was asked for')
  search = world.search
})
afterAll(() => started.disposeAsync())

const config = 'UpdateSearchIndexConfig.php'
const force = 'ForceSearchIndex.php'
const told = async (taskId: string) => JSON.stringify(await world.events(taskId))
const openAlarms = async () =>
  (await world.stack.store.alarms.open('index_failed')).map(
    ({ subject, message }) => `${subject}: ${message}`,
  )
const iniOf = (slug: string) => join(world.wikisFolder, slug, 'pubwiki.ini')
async function reindex(slug: string): Promise<string> {
  const wiki = await world.stack.store.wikis.byClaim('mediawiki', slug)
  return world.ask('POST', `/v1/wikis/${String(wiki?.wiki_id)}/reindex`)
}

test.each([503, 429])('one that answers %i is waited for, however often a script fails', async (status) => {
  const slug = `waiting-${String(status)}`
  await world.scripts.fail(slug, config, 1)
  search.interfere = () => status
  const taskId = await world.create(slug)
  // More often than would end it, were it the script's own fault.
  await expect.poll(() => world.scripts.starts(slug, config)).toBeGreaterThan(3)
  expect(await told(taskId)).toContain(`(${String(status)}).`)
  search.interfere = () => undefined
  await world.scripts.mend(slug, config)
  expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded', warning: null })
})

test('one that lets nobody in ends a creation, and says whom', async () => {
  await world.scripts.fail('shut', config, 1)
  search.interfere = (_method, path) => (path === '/' ? 401 : undefined)
  const task = await world.ended(await world.create('shut'))
  expect(task).toMatchObject({ status: 'failed', code: 'search_denied' })
  expect(task.message).toContain(`as ${search.server.user} (401)`)
  expect(await told(task.task_id)).not.toContain(search.server.password)
  expect((await world.residue()).filter((line) => line.includes('shut'))).toEqual([])
  search.interfere = () => undefined
})

test('scripts that end with 0 are not believed: too few pages are a failed index, tried again whole', async () => {
  search.documents = 0
  const taskId = await world.create('empty')
  const warning = mediaWikiSentences.index_failed
  const { wiki_id: wikiId } = await world.ended(taskId)
  expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', warning })
  expect(await told(taskId)).toMatch(/OpenSearch holds 0 of the wiki’s \d+ pages/)
  // Both of them, each time.
  expect(await world.scripts.starts('empty', force)).toBe(6)
  expect(await openAlarms()).toEqual([expect.stringMatching(/^empty: .*OpenSearch holds 0 of/)])
  search.documents = 1_000
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded', warning: null, wiki_id: wikiId })
  expect(await openAlarms()).toEqual([])
})

test('a block of writes is told as that, and by an alarm until an index succeeds', async () => {
  // What it held before is still there.
  search.indices.set('empty-_content_first', [])
  search.blocks.add('index.blocks.read_only_allow_delete')
  const failed = await world.ended(await reindex('empty'))
  expect(failed).toMatchObject({ status: 'failed', code: 'search_blocked' })
  expect(failed.message).toContain('index.blocks.read_only_allow_delete of empty-_content_first')
  expect(await openAlarms()).toEqual([expect.stringMatching(/^empty: .*takes no writes/)])
  expect(await world.stack.store.wikis.byClaim('mediawiki', 'empty')).toMatchObject({
    status: 'active',
    task_id: null,
  })
  search.blocks.clear()
  expect(await world.ended(await reindex('empty'))).toMatchObject({ status: 'succeeded' })
  expect(await openAlarms()).toEqual([])
})

test('a wiki of an earlier release is carried over, also when it fails on the way', async () => {
  expect(await world.ended(await world.create('old'))).toMatchObject({ status: 'succeeded' })
  await writeFile(
    iniOf('old'),
    (await readFile(iniOf('old'), 'utf8')).replace(/^OPENSEARCH_INDEX_BASE.*\n/m, ''),
  )
  const old = ['old_content_first', 'old_general_first']
  for (const name of old) search.indices.set(name, ['old'])
  const others = ['old_notes_content_first', 'old_notes-_content_first', 'older_content_first']
  for (const name of others) search.indices.set(name, [])

  // Nothing is found under new names yet: the old ones stay, and are the wiki's.
  await world.scripts.fail('old', force, 126)
  expect(await world.ended(await reindex('old'))).toMatchObject({ status: 'failed', code: 'command_failed' })
  expect(await readFile(iniOf('old'), 'utf8')).not.toContain('OPENSEARCH_INDEX_BASE')
  expect(old.every((name) => search.indices.has(name))).toBe(true)
  await world.scripts.mend('old', force)

  // It has the new names, and the old indices cannot go yet.
  search.interfere = (method) => (method === 'DELETE' ? 503 : undefined)
  const taskId = await reindex('old')
  await expect.poll(() => readFile(iniOf('old'), 'utf8')).toMatch(/^OPENSEARCH_INDEX_BASE\s*=\s*"?old-"?$/m)
  await expect.poll(() => told(taskId)).toContain('OpenSearch is not ready (503)')
  search.interfere = () => undefined
  expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
  expect(old.some((name) => search.indices.has(name))).toBe(false)
  expect(others.every((name) => search.indices.has(name))).toBe(true)
  expect(await openAlarms()).toEqual([])
})

test('a wiki whose settings know nothing of it is not carried over by half', async () => {
  const settings = join(world.wikisFolder, 'old/LocalSettings.php')
  const text = await readFile(settings, 'utf8')
  await writeFile(settings, text.replaceAll('OPENSEARCH_INDEX_BASE', 'SOMETHING_ELSE'))
  expect(await world.ended(await reindex('old'))).toMatchObject({ status: 'failed', code: 'template_broken' })
  await writeFile(settings, text)
  expect(await world.ended(await reindex('old'))).toMatchObject({ status: 'succeeded' })
})

test('nobody but an operator asks for it, and only of what has an index', async () => {
  expect(await world.stack.call('POST', '/v1/wikis/999999/reindex')).toMatchObject({ status: 404 })
})
