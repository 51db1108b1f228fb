import { eventually } from '@wikistead/test/eventually'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewInstance } from './instances.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  beforeEach(async () => void (fresh = await freshStore(engine)))
  afterEach(() => fresh[Symbol.asyncDispose]())

  const instance = (instanceId: string, more: Partial<NewInstance> = {}): NewInstance => ({
    ...{ instanceId, role: 'worker', machine: 'here', host: null, version: '1.0.0', build: 'abc' },
    ...{ address: null, workerIdentity: instanceId, lineage: 'folder', boot: 'since-monday', ...more },
  })
  const alive = async (leaseMs?: number) =>
    (await fresh.store.instances.list(leaseMs)).filter((each) => each.alive).map((each) => each.instance_id)

  test('lives from its beginning, by its signs of life, until it ends', async () => {
    const { instances } = fresh.store
    await instances.begin(instance('a'))
    await instances.begin(instance('b', { role: 'host', host: 'attic' }))
    expect((await alive()).sort()).toEqual(['a', 'b'])
    expect(await instances.list()).toContainEqual(
      expect.objectContaining({ instance_id: 'a', reaches_temporal: null, ended_at: null }),
    )
    // Silent for longer than its lease, until it is heard of again.
    const leaseMs = 200
    await eventually(async () => expect(await alive(leaseMs)).toEqual([]))
    expect(await instances.beat('a', { address: 'http://a', reachesTemporal: false })).toBe(true)
    const [seen] = (await instances.list()).filter(({ instance_id: id }) => id === 'a')
    expect(seen).toMatchObject({ address: 'http://a', reaches_temporal: 0 })
    expect(seen?.silentMs).toBeLessThan(
      (await instances.list()).find((each) => each.host === 'attic')?.silentMs ?? 0,
    )
    await instances.end('a')
    expect(await instances.beat('a')).toBe(false)
    expect(await alive()).toEqual(['b'])
  })

  test('one that was not heard of for long is forgotten', async () => {
    const { instances } = fresh.store
    await instances.begin(instance('a'))
    await instances.forget(3_600_000)
    expect(await instances.list()).toHaveLength(1)
    await eventually(async () => {
      await instances.forget(50)
      expect(await instances.list()).toEqual([])
    })
  })
})
