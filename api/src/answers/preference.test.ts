import { expect, test } from 'vitest'
import { parsePreference } from './preference.ts'

test.each([
  [undefined, 30_000, undefined],
  ['respond-async', 0, 'respond-async'],
  ['handling=lenient, wait=5', 5_000, 'wait=5'],
  ['respond-async, wait=10', 10_000, 'wait=10'],
  ['WAIT="7"; x=y', 7_000, 'wait=7'],
  ['wait=999999', 300_000, 'wait=300'],
  ['wait=-1', 30_000, undefined],
  ['wait=1e9', 30_000, undefined],
])('Prefer: %s waits %d ms', (header, waitMs, applied) => {
  expect(parsePreference(header, 30_000)).toEqual({ waitMs, ...(applied !== undefined && { applied }) })
})
