import { expect, test } from 'vitest'
import { phaseTimes } from './phase-times.ts'

const told = (at: number, event: object) => ({ at: at * 1_000, json: JSON.stringify(event) })
const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
const progress = (phase?: string, more: object = {}) => ({
  type: 'progress',
  status: 'running',
  phase,
  ...more,
})

test('a phase lasts from its first word to the next phase, its failed attempts with it', () => {
  expect(
    phaseTimes([
      told(1, { type: 'progress', status: 'queued', place: 2 }),
      told(3, progress('dir_copy')),
      told(5, progress('db_provision')),
      told(6, progress('db_provision', { failed_attempt: { attempt: 1, code: 'x', cause: 'No.' } })),
      told(9, progress('db_provision')),
      told(10, progress()),
      told(12, { type: 'status', status: 'succeeded' }),
    ]),
  ).toEqual([
    { phase: 'dir_copy', began_at: at(3), ended_at: at(5) },
    { phase: 'db_provision', began_at: at(5), ended_at: at(12) },
  ])
})

test('what goes on has no end, and a new life begins anew', () => {
  expect(
    phaseTimes([
      told(1, progress('dir_copy')),
      told(2, { type: 'status', status: 'failed' }),
      told(9, { type: 'reset', run: 2 }),
      told(10, progress('dir_copy')),
    ]),
  ).toEqual([{ phase: 'dir_copy', began_at: at(10), ended_at: null }])
})

test('of a task that has not begun nothing is told', () => {
  expect(phaseTimes([told(1, { type: 'progress', status: 'queued' })])).toEqual([])
})
