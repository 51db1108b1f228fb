/** The worker of a MediaWiki host is killed (SIGKILL) before, amid and after every phase, and another takes over. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import {
  expectWhole,
  phasesWith,
  standAt,
  whens,
  type Standing,
} from '../../test/mediawiki/mediawiki-standing.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let ends: MediaWikiEnds
let host: WorkerProcess

beforeAll(async () => {
  world = started.use(await startMediaWikiWorld({ cirrusStandIn: true, noHost: true }))
  ends = new MediaWikiEnds(world)
  await startHost()
})
afterAll(() => started.disposeAsync())

async function startHost(): Promise<void> {
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
}

describe.each(whens)('the worker is killed %s', (when) => {
  let standing: Standing
  beforeAll(async () => {
    standing = await standAt(world, host, when, 'host')
    await host.kill()
    // What a script of MediaWiki's waits for comes when its next worker looks for it.
    const again = startHost()
    await standing.letGo()
    await again
  })
  test.each(phasesWith(when))('$activity', ({ key }) =>
    expectWhole(world, ends, { prefix: 'host', when, key, once: true }, standing),
  )
})

test('and what the killed ones made goes without a trace', async () => {
  const wikis = await world.stack.store.wikis.list({ limit: 100 })
  await Promise.all(
    wikis.map(async ({ wiki_id: wikiId }) => {
      const purged = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`))
      expect(purged.status).toBe('succeeded')
    }),
  )
  expect(await world.residue()).toEqual([])
})
