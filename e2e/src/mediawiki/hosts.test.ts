/** Several hosts of one MediaWiki farm: where wikis are placed, and what becomes of them when a host is away. */
import { eventually } from '@wikistead/test/eventually'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let ends: MediaWikiEnds
let first: WorkerProcess
let second: WorkerProcess

beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({
      noHost: true,
      settings: { 'mediawiki-phase-patience': '30s' },
      worker: { housekeeping: { sweepEveryMs: 500, rollbackRestMs: 1_000, hostSilentMs: 11_000 } },
    }),
  )
  ends = new MediaWikiEnds(world)
  first = await startHost('first')
  second = await startHost('second', '--wikifarm-host-capacity=2')
})
afterAll(() => started.disposeAsync())

const startHost = async (name: string, ...flags: string[]): Promise<WorkerProcess> =>
  started.use(await startWorkerProcess([...world.stack.flags, ...flags, `--host=${name}`]))

async function hostOf(taskId: string): Promise<unknown> {
  const { wiki_id: wikiId } = await world.stack.store.tasks.get(taskId)
  return (await world.stack.store.wikis.get(wikiId ?? 0)).host
}

async function drain(host: string, draining: boolean): Promise<void> {
  const answer = await world.stack.call('PATCH', `/v1/hosts/${host}`, { draining })
  expect(answer).toMatchObject({ status: 200, body: { draining } })
}

test('a wiki is placed on the host with room and the fewest wikis, and none on one that is drained', async () => {
  const tasks: string[] = []
  for (const slug of ['place-a', 'place-b', 'place-c', 'place-d', 'place-e'])
    tasks.push(await world.create(slug))
  const hosts = await Promise.all(tasks.map(hostOf))
  // Of two equals the first by name; the second host is full with two.
  expect(hosts).toEqual(['first', 'second', 'first', 'second', 'first'])
  await drain('first', true)
  const more = { engine: 'mediawiki', name: 'One more', slug: 'place-f', language: 'en' }
  expect(await world.stack.call('POST', '/v1/wikis', more)).toMatchObject({
    ...{ status: 503, body: { code: 'no_host' } },
  })
  // What a drained host has begun, it ends.
  for (const [n, taskId] of tasks.entries()) await ends.expectMade(`place-${'abcde'.charAt(n)}`, taskId)
  await ends.purge('place-b', tasks[1] ?? '')
  const last = await world.create('place-f')
  expect(await hostOf(last)).toBe('second')
  await ends.expectMade('place-f', last)
  await drain('first', false)
  await Promise.all([ends.purge('place-d', tasks[3] ?? ''), ends.purge('place-f', last)])
})

test('a host that is gone shows, and fails what waits for it too long; when it is back, all is well again', async () => {
  const standsBefore = (host: WorkerProcess, slug: string) =>
    host.hold(
      (stop) => stop.when === 'before' && stop.activity === 'InstallWikiActivity' && stop.domain === slug,
    )
  // The first host is back in time.
  await drain('second', true)
  const onFirst = standsBefore(first, 'patient')
  const patient = await world.create('patient')
  await onFirst.reached
  await drain('first', true)
  await drain('second', false)
  const onSecond = standsBefore(second, 'begun')
  const begun = await world.create('begun')
  await onSecond.reached
  await Promise.all([first.kill(), second.kill()])
  // It was heard of a moment ago, so it gets one more.
  const unbegun = await world.create('unbegun')
  expect([await hostOf(begun), await hostOf(unbegun)]).toEqual(['second', 'second'])

  await eventually(async () => {
    for (const [host, taskId] of [
      ['first', patient],
      ['second', begun],
      ['second', unbegun],
    ] as const) {
      const told = { message: expect.stringContaining(`Waiting for host ${host}`) as unknown }
      expect(await world.events(taskId)).toContainEqual(expect.objectContaining(told))
      expect(await openAlarm('host_away', host)).toBe(true)
    }
  })
  first = await startHost('first')
  await ends.expectMade('patient', patient)
  await eventually(async () => expect(await openAlarm('host_away', 'first')).toBe(false))

  // Nothing of it was made: it is closed, and its name is free.
  await ended(unbegun)
  await ends.expectUndone('unbegun', unbegun, 'host_away')
  // What was made of it stays until its host is back.
  await ended(begun)
  expect(await world.stack.store.tasks.get(begun)).toMatchObject({ code: 'rollback_incomplete' })
  const alarm = await world.stack.store.alarms.find('rollback_incomplete', begun)
  expect(alarm?.message).toContain('failed (host_away)')
  expect(await ends.nameOf('begun')).toBe('taken')
  expect(await openAlarm('host_away', 'second')).toBe(true)

  second = await startHost('second')
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(begun)).toMatchObject({ code: 'fault' })
    for (const code of ['host_away', 'rollback_incomplete'])
      expect(await world.stack.store.alarms.open(code)).toEqual([])
  })
  expect(await ends.left('begun', begun)).toEqual([])
  expect(await ends.nameOf('begun')).toBe('free')
})

async function openAlarm(code: string, subject: string): Promise<boolean> {
  return (await world.stack.store.alarms.open(code)).some((alarm) => alarm.subject === subject)
}

async function ended(taskId: string): Promise<void> {
  await eventually(async () => {
    expect((await world.stack.store.tasks.get(taskId)).ended_at).not.toBeNull()
  })
}
