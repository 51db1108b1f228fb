import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'

const away = { code: 'part_away', subject: 'mariadb@one', message: 'MariaDB ended.', mend: 'Nothing.' }
const minute = 60_000

describe.each(storeEngines)('on %s an incident', (engine) => {
  test('begins, is counted while it goes on, and closes itself', async () => {
    await using fresh = await freshStore(engine)
    const { incidents, alarms } = fresh.store
    await incidents.begin({ ...away, at: minute })
    await incidents.begin({ ...away, at: 2 * minute, message: 'It ended again.' })
    await incidents.begin({ ...away, at: 3 * minute, counts: false })
    expect(await alarms.open()).toMatchObject([{ since: minute, times: 2, cleared_at: null }])
    expect(await incidents.end('part_away', 'mariadb@one', 4 * minute)).toBe(true)
    expect(await incidents.end('part_away', 'mariadb@one', 5 * minute)).toBe(false)
    expect(await alarms.open()).toEqual([])
    expect(await alarms.recent()).toMatchObject([{ times: 2, cleared_at: 4 * minute }])
  })

  test('that comes back within minutes is the same; later, and of another part, it is a new one', async () => {
    await using fresh = await freshStore(engine)
    const { incidents, alarms } = fresh.store
    const happens = async (at: number, subject = away.subject) => {
      await incidents.begin({ ...away, subject, at })
      await incidents.end('part_away', subject, at + 1)
    }
    await happens(minute)
    await happens(9 * minute)
    await happens(40 * minute)
    await happens(41 * minute, 'php@one')
    expect(await alarms.recent()).toMatchObject([
      { subject: 'php@one', times: 1 },
      { since: 40 * minute, times: 1 },
      { since: minute, times: 2, cleared_at: 9 * minute + 1 },
    ])
  })

  test('that many notice at once is one', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    await Promise.all(
      stores.flatMap(({ incidents }) => [0, 1, 2].map((n) => incidents.begin({ ...away, at: minute + n }))),
    )
    expect(await fresh.store.alarms.open()).toMatchObject([{ times: 6 }])
  })
})
