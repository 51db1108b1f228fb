import { expect, test } from 'vitest'
import { creationTimes } from './creation-times.ts'

const day = 86_400_000
const made = (engine: 'fedwiki' | 'mediawiki', endedAt: number, seconds: number) => ({
  ...{ engine, endedAt, createdAt: endedAt - seconds * 1_000 },
})

test('a day has the median and the slowest of each engine, and nothing where nothing was made', () => {
  expect(
    creationTimes(
      [
        ...[made('fedwiki', 5 * day + 1, 1), made('fedwiki', day + 2, 3), made('fedwiki', day + 1, 2)],
        ...[made('fedwiki', day + 3, 9), made('mediawiki', day + 9, 30)],
      ],
      day,
    ),
  ).toEqual([
    { engine: 'fedwiki', at: new Date(day).toISOString(), count: 3, median_seconds: 3, slowest_seconds: 9 },
    {
      engine: 'mediawiki',
      at: new Date(day).toISOString(),
      count: 1,
      median_seconds: 30,
      slowest_seconds: 30,
    },
    {
      engine: 'fedwiki',
      at: new Date(5 * day).toISOString(),
      count: 1,
      median_seconds: 1,
      slowest_seconds: 1,
    },
  ])
  expect(creationTimes([], day)).toEqual([])
})
