import { expect, test } from 'vitest'
import { nextAttemptAt } from './next-attempt.ts'

const farm = { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 300_000, maximumAttempts: 8 }
const waits = (policy: object, attempts: number[]) =>
  attempts.map((attempt) => nextAttemptAt({ attempt, retryPolicy: policy }, 0))

test('the wait doubles up to its cap, and the last attempt has no next', () => {
  expect(waits(farm, [1, 2, 3, 7, 8])).toEqual([1_000, 2_000, 4_000, 64_000, undefined])
  expect(waits({ ...farm, maximumAttempts: 0 }, [20])).toEqual([300_000])
})

test('the farm’s Retry-After makes the wait longer and never shorter', () => {
  expect(nextAttemptAt({ attempt: 1, retryPolicy: farm }, 5, 42_000)).toBe(42_005)
  expect(nextAttemptAt({ attempt: 7, retryPolicy: farm }, 5, 42_000)).toBe(64_005)
  expect(nextAttemptAt({ attempt: 1, retryPolicy: farm }, 5, 0)).toBe(1_005)
  expect(nextAttemptAt({ attempt: 8, retryPolicy: farm }, 5, 42_000)).toBeUndefined()
})
