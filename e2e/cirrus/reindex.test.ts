/** A wiki of an earlier release is carried over to names of its own, on a real OpenSearch with the real CirrusSearch. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cirrusParts } from '../test/mediawiki/cirrus-parts.ts'
import { findIn, indicesIn, make, savePage } from '../test/mediawiki/cirrus-wiki.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../test/mediawiki/mediawiki-world.ts'

const run = promisify(execFile)
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

const script = (slug: string, name: string, ...args: string[]) =>
  run('php', [`extensions/CirrusSearch/maintenance/${name}.php`, ...args], {
    cwd: join(world.wikisFolder, slug),
  })
const own = async () => (await indicesIn(parts)).filter((name) => name.startsWith('vic'))
const idOf = async (slug: string) =>
  String((await world.stack.store.wikis.byClaim('mediawiki', slug))?.wiki_id)
const reindex = async (slug: string) =>
  world.ended(await world.ask('POST', `/v1/wikis/${await idOf(slug)}/reindex`))

/** As earlier releases made it. */
async function makeOld(slug: string): Promise<void> {
  await make(world, slug)
  const ini = join(world.wikisFolder, slug, 'pubwiki.ini')
  await writeFile(ini, (await readFile(ini, 'utf8')).replace(/^OPENSEARCH_INDEX_BASE.*\n/m, ''))
  await script(slug, 'UpdateSearchIndexConfig')
  await script(slug, 'ForceSearchIndex', '--skipLinks', '--indexOnSkip')
  await script(slug, 'ForceSearchIndex', '--skipParse')
}

test('two whose names met are parted, and found all the time', { timeout: 900_000 }, async () => {
  for (const slug of ['vic', 'vic-content']) {
    await makeOld(slug)
    await savePage(world, slug, `Only on ${slug}`, `Marmoset of ${slug}.`)
  }
  // What it is for: either finds the other's.
  expect(await findIn(world, 'vic', 'Marmoset')).toContain('Only on vic-content')
  for (const slug of ['vic', 'vic-content']) {
    expect(await reindex(slug)).toMatchObject({ status: 'succeeded', warning: null })
  }
  for (const slug of ['vic', 'vic-content']) {
    expect(await findIn(world, slug, 'Marmoset'), slug).toEqual([`Only on ${slug}`])
    expect(await readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')).toMatch(
      new RegExp(`^OPENSEARCH_INDEX_BASE="?${slug.replace('-', '_')}-"?$`, 'm'),
    )
  }
  expect((await own()).filter((name) => !/^vic(_content)?-_/.test(name))).toEqual([])
  // Done again, it changes nothing.
  const before = await own()
  expect(await reindex('vic')).toMatchObject({ status: 'succeeded', warning: null })
  expect(await own()).toEqual(before)
})

test('an OpenSearch that is away while a wiki is made costs it time', { timeout: 600_000 }, async () => {
  for (const away of ['away', 503, 429] as const) {
    const slug = `away-${String(away)}`
    parts.gate.shut = away
    parts.gate.turnedAway.length = 0
    const taskId = await world.create(slug)
    await expect
      .poll(async () => JSON.stringify(await world.events(taskId)))
      .toMatch(/OpenSearch (?:could not be reached|is not ready|has too much to do) \(/)
    parts.gate.shut = undefined
    expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded', warning: null })
    expect(await findIn(world, slug, 'MediaWiki')).toEqual(['Main Page'])
  }
})

test('one that does not let us in ends it at once, and is named', { timeout: 300_000 }, async () => {
  parts.gate.shut = 401
  const taskId = await world.create('shut-out')
  await expect
    .poll(async () => JSON.stringify(await world.events(taskId)))
    .toContain('Taking back what was made')
  // Nobody is let in to take it back, either.
  parts.gate.shut = undefined
  const { code, message } = await world.ended(taskId)
  expect([code, message]).toEqual(['search_denied', expect.stringContaining('(401)')])
})

test('writes that do not arrive are told, though its scripts end with 0', { timeout: 600_000 }, async () => {
  // Those of its pages; what is kept for the whole farm arrives.
  parts.gate.shut = (_method, path, body) =>
    path.includes('_bulk') && `${path} ${body}`.match(/^\/unwritten-_|"_index":"unwritten-_/) !== null
      ? 503
      : undefined
  const taskId = await world.create('unwritten')
  const ended = await world.ended(taskId)
  expect(ended).toMatchObject({ status: 'succeeded', warning: expect.any(String) as string })
  expect(await world.stack.store.alarms.open()).toMatchObject([
    { code: 'index_failed', subject: 'unwritten' },
  ])
  parts.gate.shut = undefined
  expect(await reindex('unwritten')).toMatchObject({ status: 'succeeded' })
  expect(await findIn(world, 'unwritten', 'MediaWiki')).toEqual(['Main Page'])
  expect(await world.stack.store.alarms.open()).toEqual([])
})

test('a block of writes is told as that', { timeout: 600_000 }, async () => {
  await make(world, 'blocked')
  const login = Buffer.from(`${parts.server.user ?? ''}:${parts.server.password ?? ''}`).toString('base64')
  const block = (value: string) =>
    fetch(`${parts.server.endpoint}/blocked-_*/_settings`, {
      method: 'PUT',
      headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
      // The block of a full disk is taken away by OpenSearch itself as soon as it sees that there is room.
      body: `{"index.blocks.write": ${value}}`,
    })
  await block('true')
  const { code, message } = await reindex('blocked')
  expect([code, message]).toEqual(['search_blocked', expect.stringContaining('index.blocks.write')])
  await block('null')
  expect(await reindex('blocked')).toMatchObject({ status: 'succeeded' })
})
