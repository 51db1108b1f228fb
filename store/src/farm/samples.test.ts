import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'

const minute = 60_000
const day = 1_440 * minute

describe.each(storeEngines)('on %s', (engine) => {
  test('ten minutes have one sample of a thing, whoever counts again', async () => {
    await using fresh = await freshStore(engine)
    const { samples } = fresh.store
    await samples.keep(11 * minute, new Map([['users', 3]]))
    await samples.keep(19 * minute, new Map([['users', 4], ['tasks', 1]])) // prettier-ignore
    await samples.keep(20 * minute, new Map([['users', 5]]))
    expect(await samples.since(0)).toEqual([
      { sample: 'tasks', at: 10 * minute, value: 1 },
      { sample: 'users', at: 10 * minute, value: 3 },
      { sample: 'users', at: 20 * minute, value: 5 },
    ])
    expect(await samples.since(15 * minute)).toHaveLength(1)
  })

  test('of what is long ago few are left', async () => {
    await using fresh = await freshStore(engine)
    const { samples } = fresh.store
    const now = 1_000 * day
    const at = [now - 800 * day, now - 30 * day, now - 30 * day + 60 * minute]
    at.push(now - 3 * day, now - 3 * day + 60 * minute, now - 3 * day + 10 * minute, now - 10 * minute)
    for (const moment of at) await samples.keep(moment, new Map([['users', 1]]))
    await samples.thin(now)
    expect((await samples.since(0)).map((sample) => sample.at - now)).toEqual([
      -30 * day,
      -3 * day,
      -3 * day + 60 * minute,
      -10 * minute,
    ])
  })

  test('what there is is counted', async () => {
    await using fresh = await freshStore(engine)
    expect(Object.fromEntries(await fresh.store.figures.counted())).toEqual({ alarms: 0, tasks: 0, users: 0 })
    expect(await fresh.store.figures.creations(0, 10)).toEqual([])
  })
})
