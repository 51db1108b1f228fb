import { expect, test } from 'vitest'
import { SettledIds } from './settled-ids.ts'

test('an id is settled when it has been seen for long enough, whatever is above it', () => {
  const ids = new SettledIds(60)
  expect([ids.see(7, 0), ids.see(9, 30), ids.see(9, 59)]).toEqual([0, 0, 0])
  expect([ids.see(12, 60), ids.see(12, 89), ids.see(12, 90)]).toEqual([7, 7, 9])
  // Nobody looked for long.
  expect([ids.see(40, 1_000), ids.see(40, 1_060)]).toEqual([12, 40])
})

test('where ids come in order they are settled at once', () => {
  const ids = new SettledIds(0)
  expect([ids.see(3, 5), ids.see(8, 5)]).toEqual([3, 8])
})
