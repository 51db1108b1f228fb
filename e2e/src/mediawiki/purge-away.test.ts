/** A wiki whose undo window is over, on a host that is away: its removal rests, is told of, and keeps no other waiting. */
import { eventually } from '@wikistead/test/eventually'
import { Client, Connection } from '@temporalio/client'
import { sweep, WorkflowRuns } from '@wikistead/tasks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
beforeAll(async () => {
  world = started.use(
    // The test sweeps by itself, with a patience of its own.
    await startMediaWikiWorld({ noHost: true, worker: { housekeeping: { sweepEveryMs: 3_600_000 } } }),
  )
})
afterAll(() => started.disposeAsync())

async function sweepNow(): Promise<void> {
  await using sweeping = new AsyncDisposableStack()
  const connection = await Connection.connect({ address: world.stack.temporal.address })
  sweeping.defer(() => connection.close())
  const client = new Client({ connection })
  const log = { warn() {}, error() {} }
  const { store } = world.stack
  await sweep({ store, client, runs: new WorkflowRuns(client), log, patienceMs: 3_000 })
}

const startHost = (name: string): Promise<WorkerProcess> =>
  startWorkerProcess([...world.stack.flags, `--host=${name}`])

/** A wiki in its undo window, which is over. */
async function putAway(slug: string): Promise<number> {
  const { wiki_id: wikiId } = await world.ended(await world.create(slug))
  await world.ended(await world.ask('DELETE', `/v1/wikis/${String(wikiId)}`))
  return wikiId ?? 0
}
const endWindow = (wikiId: number) =>
  world.stack.store.transaction((scope) => scope.wikis.change(wikiId, { purge_after: Date.now() - 1 }))
const purges = (wikiId: number) => world.stack.store.tasks.list({ wikiId, kind: 'purge_wiki', limit: 10 })
const wikiOf = (wikiId: number) => world.stack.store.wikis.get(wikiId)

test('a removal that cannot be done rests, raises an alarm, and is done when the host is back', async () => {
  const { store } = world.stack
  const gone = await startHost('gone')
  const away = await putAway('away')
  await gone.kill()
  await store.hosts.drain('gone', true)
  started.use(await startHost('there'))
  const near = await putAway('near')
  await endWindow(away)
  await endWindow(near)
  await sweepNow()

  await eventually(async () => expect(await wikiOf(near)).toMatchObject({ status: 'deleted' }))
  await eventually(async () => {
    expect(await purges(away)).toMatchObject([{ status: 'failed', code: 'host_away' }])
  })
  const { status, claim, task_id: taskId, purge_after: purgeAfter } = await wikiOf(away)
  expect({ status, claim, taskId }).toEqual({ status: 'archived', claim: 'away', taskId: null })
  expect(purgeAfter).toBeGreaterThan(Date.now() + 1_800_000)
  expect(await store.alarms.find('purge_failed', 'away')).toBeDefined()

  // Not before its rest is over, whatever else is swept meanwhile.
  const another = await putAway('another')
  await endWindow(another)
  await sweepNow()
  await eventually(async () => expect(await wikiOf(another)).toMatchObject({ status: 'deleted' }))
  expect(await purges(away)).toHaveLength(1)

  started.use(await startHost('gone'))
  await endWindow(away)
  await sweepNow()
  await eventually(async () => expect(await wikiOf(away)).toMatchObject({ status: 'deleted' }))
  expect(await store.alarms.find('purge_failed', 'away')).toBeUndefined()
  expect(await world.residue()).toEqual([])
})
