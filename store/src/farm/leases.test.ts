import { eventually } from '@wikistead/test/eventually'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const long = 3_600_000

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  beforeEach(async () => void (fresh = await freshStore(engine)))
  afterEach(() => fresh[Symbol.asyncDispose]())

  test('one holds it, and renews it, until it lets go', async () => {
    const { leases } = fresh.store
    expect(await leases.take('housekeeping', 'a', long)).toBe(1)
    expect(await leases.take('housekeeping', 'b', long)).toBeUndefined()
    expect(await leases.take('housekeeping', 'a', long)).toBe(1)
    expect(await leases.take('another', 'b', long)).toBe(1)
    await leases.release('b')
    expect(await leases.take('housekeeping', 'b', long)).toBeUndefined()
    await leases.release('a')
    expect(await leases.take('housekeeping', 'b', long)).toBe(2)
  })

  test('it ends by itself, and whoever comes first has the next term', async () => {
    const { leases } = fresh.store
    await leases.take('housekeeping', 'a', 1)
    await eventually(async () => expect(await leases.take('housekeeping', 'b', long)).toBe(2))
    expect(await leases.take('housekeeping', 'a', long)).toBeUndefined()
  })

  test('of many that come at once one gets it, the first time and each time after', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => fresh.open()))
    for (let term = 1; term <= 5; term += 1) {
      const terms = await Promise.all(
        others.map((store, n) => store.leases.take('housekeeping', String(n), long)),
      )
      expect(terms.filter((each) => each !== undefined)).toEqual([term])
      await fresh.store.leases.release(String(terms.indexOf(term)))
    }
  })
})
