/** An index that fails leaves a wiki that works, and is made again on its own. */
import { mediaWikiSentences } from '@wikistead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
beforeAll(async () => {
  world = started.use(await startMediaWikiWorld())
})
afterAll(() => started.disposeAsync())

const wikiOf = async (wikiId: number | null) =>
  (await world.stack.call('GET', `/v1/wikis/${String(wikiId)}`)).body
const retry = async (taskId: string) => {
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  return world.ended(taskId)
}

/** What there is, once the host has forgotten the scripts of what has ended, which it does in its own time. */
async function withoutCommands(): Promise<readonly string[]> {
  await expect.poll(async () => (await world.residue()).filter(isCommand)).toEqual([])
  return world.residue()
}
const isCommand = (line: string) => line.startsWith('command ')

test('a failed index is retried alone, also in vain, and the wiki works all the time', async () => {
  await world.scripts.fail('lost', 'rebuildtextindex', 1)
  const taskId = await world.create('lost')
  const unindexed = { status: 'succeeded', warning: mediaWikiSentences.index_failed }
  const { wiki_id: wikiId } = await world.ended(taskId)
  expect(await world.stack.store.tasks.get(taskId)).toMatchObject(unindexed)
  expect(await world.stack.store.alarms.open('index_failed')).toMatchObject([{ subject: 'lost' }])

  expect(await retry(taskId)).toMatchObject({ ...unindexed, run: 2 })
  expect(await wikiOf(wikiId)).toMatchObject({ status: 'active', task_id: null })

  await world.scripts.mend('lost', 'rebuildtextindex')
  expect(await retry(taskId)).toMatchObject({ status: 'succeeded', warning: null, run: 3 })
  expect(await world.stack.store.alarms.open('index_failed')).toEqual([])
  expect(await wikiOf(wikiId)).toMatchObject({ status: 'active', task_id: null })
  const phases = (await world.events(taskId)).flatMap(({ type, phase }) =>
    type === 'progress' && phase !== undefined ? [phase] : [],
  )
  // The rest was done once, in the first life.
  expect(phases.filter((phase) => phase === 'db_provision')).toHaveLength(2)
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({
    ...{ status: 409, body: { code: 'not_retryable' } },
  })
})

test('cancelling such a retry takes nothing away', async () => {
  await world.scripts.fail('kept', 'rebuildtextindex', 1)
  const taskId = await world.create('kept')
  const { wiki_id: wikiId } = await world.ended(taskId)
  await world.scripts.mend('kept', 'rebuildtextindex')
  await world.scripts.hold('kept', 'rebuildtextindex')
  const before = await withoutCommands()
  const starts = await world.scripts.starts('kept', 'rebuildtextindex')
  await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)
  await expect.poll(() => world.scripts.starts('kept', 'rebuildtextindex')).toBeGreaterThan(starts)
  await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)
  expect(await world.ended(taskId)).toMatchObject({
    ...{ status: 'succeeded', warning: mediaWikiSentences.index_cancelled },
  })
  expect(await wikiOf(wikiId)).toMatchObject({ status: 'active', task_id: null })
  expect(await withoutCommands()).toEqual(before)
})

test('a wiki that members use outlives its host: cancelled meanwhile, only its indexing ends', async () => {
  await using away = await startMediaWikiWorld({ noHost: true })
  const startHost = () => startWorkerProcess([...away.stack.flags, '--host=here'])
  const host = await startHost()
  await away.scripts.hold('outlived', 'rebuildtextindex')
  const taskId = await away.create('outlived')
  await away.scripts.reached('outlived', 'rebuildtextindex')
  const held = await away.residue()
  await host.kill()
  await away.cancel(taskId)
  // Nobody serves the host's queue now.
  expect(await away.ended(taskId)).toMatchObject({
    ...{ status: 'succeeded', code: null, warning: mediaWikiSentences.index_cancelled },
  })
  const wikis = await away.stack.store.wikis.list({ limit: 10 })
  expect(wikis).toMatchObject([{ status: 'active', claim: 'outlived', task_id: null }])
  expect(await away.stack.store.ledger.open(taskId)).toEqual([])
  expect(await away.residue()).toEqual(held)

  // Back again it ends the script that nobody waits for, and keeps all else.
  await using _back = await startHost()
  await expect.poll(() => away.residue()).toEqual(held.filter((line) => !isCommand(line)))
  expect(held.filter(isCommand)).not.toEqual([])
  await away.scripts.mend('outlived', 'rebuildtextindex')
  expect(await away.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
  expect(await away.ended(taskId)).toMatchObject({ status: 'succeeded', warning: null, run: 2 })
})
