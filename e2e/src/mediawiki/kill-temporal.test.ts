/** The Temporal server is killed (SIGKILL) before, amid and after every phase of a MediaWiki's creation. */
import { eventually } from '@wikistead/test/eventually'
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
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
})
afterAll(() => started.disposeAsync())

/** Its supervisor starts it again on the same file. Resolves when it is back. */
async function killTemporal(): Promise<void> {
  const { temporal } = world.stack
  const { restarts, pid } = temporal.state
  if (pid === undefined) throw new Error('Temporal does not run')
  process.kill(-pid, 'SIGKILL')
  await eventually(() => {
    expect(temporal.state).toMatchObject({ kind: 'ready', restarts: restarts + 1 })
  })
}

describe.each(whens)('Temporal is killed %s', (when) => {
  let standing: Standing
  beforeAll(async () => {
    standing = await standAt(world, host, when, 'temporal')
    const back = killTemporal()
    // What was done meanwhile cannot be told; what has not begun is begun without anybody who would hear of it.
    await standing.letGo()
    await back
  })
  test.each(phasesWith(when))('$activity', ({ key }) =>
    expectWhole(world, ends, { prefix: 'temporal', when, key, once: true }, standing),
  )
})
