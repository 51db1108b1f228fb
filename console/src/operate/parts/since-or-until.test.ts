import { expect, test } from 'vitest'
import { sinceOrUntil } from './since-or-until.ts'

test.each([
  [-59_999, 'now'],
  [59_999, 'now'],
  [-60_000, '1 minute ago'],
  [-3_599_999, '59 minutes ago'],
  [-3_600_000, '1 hour ago'],
  [-86_400_000, 'yesterday'],
  [7_200_000, 'in 2 hours'],
  [-8 * 86_400_000, undefined],
])('%d milliseconds from now are %s', (ms, said) => {
  expect(sinceOrUntil(ms, 'en')).toBe(said)
})
