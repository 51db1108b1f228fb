import { expect, test } from 'vitest'
import { inWords, stepsTo } from './fit-namespace.ts'

const day = 24 * 60 * 60 * 1_000
const steps = (keptDays: number | undefined, wantedDays?: number) =>
  stepsTo(
    'wikis',
    { retentionMs: keptDays === undefined ? undefined : keptDays * day },
    wantedDays === undefined ? undefined : wantedDays * day,
  ).map(inWords)

test.each([
  [undefined, undefined, ['namespace wikis is made; it keeps what has ended for 30d']],
  [undefined, 3, ['namespace wikis is made; it keeps what has ended for 3d']],
  // What the `temporal` command makes.
  [3, undefined, ['namespace wikis keeps what has ended for 30d instead of 3d']],
  [7, undefined, []],
  [7, 90, ['namespace wikis keeps what has ended for 90d instead of 7d']],
  // Nobody's histories are removed.
  [90, 30, []],
  [90, undefined, []],
])('kept for %s days and %s wanted', (kept, wanted, expected) => {
  expect(steps(kept, wanted)).toEqual(expected)
})
