import { expect, test } from 'vitest'
import { keyTimes, planKeys } from './plan-keys.ts'

const now = 1_000_000_000_000
const { aheadMs, afterMs, idleMs, lifeMs } = keyTimes
const key = (kid: string, createdAt: number, signsFrom = createdAt, expiresAt = now + idleMs) => ({
  ...{ kid, created_at: createdAt, signs_from: signsFrom, expires_at: expiresAt },
})

test('the first key signs at once', () => {
  expect(planKeys([], { now, wanted: 0 })).toEqual({
    make: { signsFrom: now, expiresAt: now + idleMs },
    expire: [],
  })
})

test('a key that is in use is kept, and its end put off once a day', () => {
  expect(planKeys([key('a', now - 1_000)], { now, wanted: 0 })).toEqual({ make: undefined, expire: [] })
  const late = key('a', now - 1_000, now - 1_000, now + 1_000)
  expect(planKeys([late], { now, wanted: 0 }).expire).toEqual([{ kid: 'a', at: now + idleMs }])
})

test.each([
  ['old', now - lifeMs - 1, 0],
  ['not wanted any more', now - 1_000, now],
])('a key that is %s gets one after it, which is told of before it signs', (_why, createdAt, wanted) => {
  const { make, expire } = planKeys([key('a', createdAt)], { now, wanted })
  expect(make).toEqual({ signsFrom: now + aheadMs, expiresAt: now + aheadMs + idleMs })
  // And stays until nothing stands that it signed.
  expect(expire).toEqual([{ kid: 'a', at: now + aheadMs + afterMs }])
})

test('while one follows the other, nothing more is made, and nothing is written twice', () => {
  const old = key('a', now - 5_000, now - 5_000, now + aheadMs + afterMs)
  const next = key('b', now, now + aheadMs)
  expect(planKeys([next, old], { now, wanted: now })).toEqual({ make: undefined, expire: [] })
})
