import { expect, test } from 'vitest'
import { inWords } from './show-task.ts'

const queued = { type: 'progress', status: 'queued', progress: 0, message: 'Creating ada.' } as const

test('who waits for their turn is told their place, and when it comes where that is known', () => {
  expect(inWords(queued)).toBe('Creating ada.')
  expect(inWords({ ...queued, place: 7 })).toBe('Creating ada. It waits as number 7 in the queue.')
  expect(inWords({ ...queued, place: 7, expected_at: '2026-01-01T10:00:05.000Z' })).toBe(
    'Creating ada. It waits as number 7 in the queue, whose turn comes at about 10:00:05 UTC.',
  )
})
