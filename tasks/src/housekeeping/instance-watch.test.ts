import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { tellOfKilled, watchInstances } from './instance-watch.ts'

/** Whoever has not been heard of just now is silent. */
const everybodyIsSilent = -1
const instance = (instanceId: string, role: 'host' | 'worker') => ({
  ...{ instanceId, role, machine: 'one', host: role === 'host' ? 'blue' : null, version: '1', build: 'b' },
  ...{ address: null, workerIdentity: null, lineage: 'l', boot: 'b' },
})

test.each(storeEngines)(
  'on %s a killed process is one incident until another is in its place',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await store.instances.begin(instance('1', 'worker'))
    await store.instances.begin(instance('2', 'host'))
    await watchInstances(store)
    expect(await store.alarms.open()).toEqual([])

    await watchInstances(store, everybodyIsSilent)
    await watchInstances(store, everybodyIsSilent)
    expect(await store.alarms.open()).toMatchObject([{ code: 'part_away', subject: 'worker@one', times: 1 }])

    const killed = (await store.instances.list()).find(({ instance_id: id }) => id === '1')
    if (killed === undefined) throw new Error('it is not listed')
    await store.instances.end('1')
    await tellOfKilled(store, killed)
    expect(await store.alarms.open()).toEqual([])
    expect(await store.alarms.recent()).toMatchObject([{ times: 1 }])
    await watchInstances(store, everybodyIsSilent)
    expect(await store.alarms.recent()).toHaveLength(1)
  },
)
