/** The wikis' MariaDB is stopped before, amid and after every phase of a creation, or killed amid one, and comes back. */
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

/** The task says so while it waits. */
async function failedAttempt(taskId: string | undefined): Promise<void> {
  await eventually(async () => {
    const failed = { failed_attempt: expect.anything() as unknown }
    expect(await world.events(taskId ?? '')).toContainEqual(expect.objectContaining(failed))
  })
}

/** What meets a MariaDB that is away, wherever its task stood. */
const meeting = { before: ['db', 'install', 'flip'], amid: ['db', 'install', 'flip'], after: ['ini', 'db'] }

describe.each(whens)('MariaDB is stopped %s', (when) => {
  let standing: Standing
  beforeAll(async () => {
    standing = await standAt(world, host, when, 'db')
    await world.stopMariadb()
    await standing.letGo()
    for (const key of meeting[when]) await failedAttempt(standing.tasks.get(key))
    await world.startMariadb()
  })
  test.each(phasesWith(when))('$activity', ({ key }) =>
    expectWhole(world, ends, { prefix: 'db', when, key, once: false }, standing),
  )
})

test('MariaDB is killed (SIGKILL) with half of the tables made', async () => {
  const taskId = await world.create('half')
  const tables = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'half' LIMIT 6"
  await eventually(async () => expect(await world.sql(tables)).toHaveLength(6), 1)
  await world.killMariadb()
  await ends.expectMade('half', taskId)
  expect(await world.scripts.starts('half', 'installPreConfigured')).toBeGreaterThan(1)
})
