import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test('a formatted duration reads back as the same milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds)
    }),
  )
})

test('durations are read as Go writes them, and days too', () => {
  const read = ['0', '250ms', '30s', '30m', '1h', '1h30m', '1h0m0s', '1.5h', '7d'].map(parseDuration)
  expect(read).toEqual([0, 250, 30_000, 1_800_000, 3_600_000, 5_400_000, 3_600_000, 5_400_000, 604_800_000])
})

test('whatever has no unit, or anything else around it, is no duration', () => {
  for (const text of ['', '30', '1 h', '-1h', '1h ', 'h', '1w', '1e3s', '1h30', `${'9'.repeat(30)}d`]) {
    expect(parseDuration(text), text).toBeUndefined()
  }
})
