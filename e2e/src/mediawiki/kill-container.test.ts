/** The container that MediaWiki's scripts run in is stopped before, amid and after every phase of a creation (needs root). */
import { eventually } from '@wikistead/test/eventually'
import { mediaWikiSentences, type Phase } from '@wikistead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAnotherApi } from '../../test/processes/another-api.ts'
import { startContainerWorld, type ContainerWorld } from '../../test/mediawiki/mediawiki-container.ts'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import {
  expectWhole,
  phasesWith,
  slugOf,
  standAt,
  whens,
  type Standing,
  type When,
} from '../../test/mediawiki/mediawiki-standing.ts'
import type { MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const isRoot = process.getuid?.() === 0

/** What runs in the container, in its order; the rest never asks for it. */
const inContainer: Readonly<Record<string, Phase>> = {
  ...{ install: 'docker_install', cfg: 'docker_index_cfg', flip: 'flip_bootstrap', index: 'index' },
}
const keysInContainer = Object.keys(inContainer)

/** Where a task that stood there meets a container that is stopped; undefined when it needs it no more. */
function meets(when: When, key: string): Phase | undefined {
  const next = keysInContainer.indexOf(key) + (when === 'after' ? 1 : 0)
  return inContainer[keysInContainer[Math.max(next, 0)] ?? '']
}

describe.skipIf(!isRoot)('the container', () => {
  const started = new AsyncDisposableStack()
  let place: ContainerWorld
  let world: MediaWikiWorld
  let ends: MediaWikiEnds
  let host: WorkerProcess

  beforeAll(async () => {
    place = started.use(await startContainerWorld({ cirrusStandIn: true, noHost: true }))
    world = place.world
    ends = new MediaWikiEnds(world)
    host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
  })
  afterAll(() => started.disposeAsync())

  /** The phases whose attempts failed, each as often as one did. */
  const stoppedAt = async (taskId: string): Promise<unknown[]> =>
    (await world.events(taskId)).flatMap(({ phase, failed_attempt: failed, message }) =>
      failed !== undefined && String(message).includes('container mediawiki is stopped') ? [phase] : [],
    )

  describe.each(whens)('is stopped %s', (when) => {
    let standing: Standing
    beforeAll(async () => {
      standing = await standAt(world, host, when, 'box')
      await place.stopContainer()
      await standing.letGo()
      await Promise.all(
        [...standing.tasks].map(async ([key, taskId]) => {
          if (meets(when, key) === undefined) await world.ended(taskId)
          // Often enough that it is no accident.
          else await eventually(async () => expect((await stoppedAt(taskId)).length).toBeGreaterThan(3))
        }),
      )
      await place.startContainer()
    })
    test.each(phasesWith(when))('$activity', async ({ key }) => {
      await expectWhole(world, ends, { prefix: 'box', when, key, once: false }, standing)
      const phase = meets(when, key)
      expect(new Set(await stoppedAt(standing.tasks.get(key) ?? ''))).toEqual(new Set(phase && [phase]))
    })
  })

  describe('stays away', () => {
    // A worker acts for eight tasks at once, so not all of them can stand in one row.
    test.each(['before', 'amid'] as const)('%s what is cancelled, and goes all the same', async (when) => {
      const standing = await standAt(world, host, when, 'gone', { keys: keysInContainer })
      await place.stopContainer()
      await standing.letGo()
      await Promise.all([...standing.tasks.values()].map((taskId) => world.cancel(taskId)))
      for (const [key, taskId] of standing.tasks) {
        if (key === 'index') await expectKept(taskId)
        else await ends.expectUndone(slugOf('gone', when, key), taskId, 'cancelled')
      }
      await place.startContainer()
    })

    /** What people use by then stays; only its indexing ends. */
    async function expectKept(taskId: string): Promise<void> {
      const task = await world.ended(taskId)
      expect(task).toMatchObject({ status: 'succeeded', warning: mediaWikiSentences.index_cancelled })
      const wiki = await world.stack.store.wikis.get(task.wiki_id ?? 0)
      expect(wiki).toMatchObject({ status: 'active', task_id: null })
    }

    test('for longer than a phase has patience', async () => {
      await using api = await startAnotherApi(world.stack, { 'mediawiki-phase-patience': '40s' })
      const create = async (slug: string) => {
        const wanted = { engine: 'mediawiki', name: 'A wiki', slug, language: 'en' }
        const where = { url: api.url, headers: { prefer: 'respond-async' } }
        return String((await world.stack.call('POST', '/v1/wikis', wanted, where)).body['task_id'])
      }
      // An index has more of it than that, and a wiki by then.
      const keys = keysInContainer.filter((key) => key !== 'index')
      const standing = await standAt(world, host, 'amid', 'late', { keys, create })
      await place.stopContainer()
      await standing.letGo()
      for (const [key, taskId] of standing.tasks) {
        await ends.expectUndone(slugOf('late', 'amid', key), taskId, 'engine_unavailable')
      }
      await place.startContainer()
      for (const [key, taskId] of standing.tasks)
        await ends.expectRetried(slugOf('late', 'amid', key), taskId)
    })
  })

  test('and of all that nothing is left', async () => {
    const wikis = await world.stack.store.wikis.list({ limit: 100 })
    expect(wikis.length).toBeGreaterThanOrEqual(3 * phasesWith('amid').length)
    await Promise.all(
      wikis.map(async ({ wiki_id: wikiId }) => {
        const purged = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`))
        expect(purged.status).toBe('succeeded')
      }),
    )
    expect(await world.residue()).toEqual([])
  })
})
