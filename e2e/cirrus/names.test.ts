/** No wiki finds another's pages in the OpenSearch that they share, however alike their names. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cirrusParts } from '../test/mediawiki/cirrus-parts.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../test/mediawiki/mediawiki-world.ts'
import { findIn, indicesIn, make, savePage } from '../test/mediawiki/cirrus-wiki.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let parts: Awaited<ReturnType<typeof cirrusParts>>

beforeAll(async () => {
  parts = await cirrusParts()
  started.use(parts.gate)
  world = started.use(
    await startMediaWikiWorld({ cirrus: parts, settings: { 'mediawiki-undo-window': '0' } }),
  )
}, 600_000)
afterAll(() => started.disposeAsync())

const slugs = ['vic', 'vic-content', 'vic-general', 'mw-cirrus-metastore']

test('each is made, indexed and searched', { timeout: 900_000 }, async () => {
  for (const slug of slugs) {
    await make(world, slug)
    const page = `Only on ${slug}`
    await savePage(world, slug, page, `Marmoset of ${slug}.`)
  }
  for (const slug of slugs) {
    expect(await findIn(world, slug, 'Marmoset'), slug).toEqual([`Only on ${slug}`])
    expect(await findIn(world, slug, 'MediaWiki'), slug).toEqual(['Main Page'])
  }
  // Whoever knows the password is asked for it once at most.
  expect(parts.gate.unknown).toEqual([])
})

test('what is removed takes its own along and nothing else', { timeout: 600_000 }, async () => {
  for (const slug of slugs) {
    const wiki = await world.stack.store.wikis.byClaim('mediawiki', slug)
    const taskId = await world.ask('DELETE', `/v1/wikis/${String(wiki?.wiki_id)}`)
    expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
    const others = slugs.slice(slugs.indexOf(slug) + 1)
    for (const other of others) expect(await findIn(world, other, 'Marmoset')).toEqual([`Only on ${other}`])
  }
  expect((await indicesIn(parts)).filter((name) => !name.startsWith('mw_cirrus_metastore_'))).toEqual([])
})
