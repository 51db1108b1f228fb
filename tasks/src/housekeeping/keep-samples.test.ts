import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { keepSamples } from './keep-samples.ts'

test('what there is is counted once in ten minutes, with versions that run and the room that there is', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  await store.transaction(({ users }) =>
    users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' }),
  )
  await store.hosts.beat('blue', 40, 1)
  for (const instanceId of ['1', '2']) {
    await store.instances.begin({
      ...{ instanceId, role: 'worker', machine: 'one', host: null, version: '1.2.0', build: 'b' },
      ...{ address: null, workerIdentity: null, lineage: 'l', boot: 'b' },
    })
  }
  const last = await keepSamples(store, 0)
  expect(await keepSamples(store, last)).toBe(last)
  // Another worker that leads now counts again, and changes nothing.
  await keepSamples(store, 0)
  const samples = await store.samples.since(0)
  expect(Object.fromEntries(samples.map(({ sample, value }) => [sample, value]))).toEqual({
    ...{ alarms: 0, 'places/mediawiki': 40, tasks: 0, users: 1, 'version/1.2.0': 2 },
  })
  await store.hosts.beat('green', null, 1)
  expect(samples.length).toBe(5)
})
