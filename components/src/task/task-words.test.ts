// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { englishMessages as messages } from '../../test/mount.ts'
import { taskShort, taskTitle } from './task-words.ts'

test('a change is what is changed, not “Change”', () => {
  const change = { name: 'Diary', visibility: 'private', owner: 'Bob' } as const
  const task = { kind: 'change_wiki', change } as const
  expect(taskTitle(task, 'Notes', messages)).toBe(
    'Changing Notes: renamed to Diary, made private, and handed over to Bob',
  )
  expect(taskShort({ kind: 'change_wiki', change: { serving: 'readonly' } }, messages)).toBe('Made read-only')
})

test('what changes nothing that is known is told by its kind', () => {
  expect(taskShort({ kind: 'change_wiki', change: {} }, messages)).toBe('Change')
  expect(taskTitle({ kind: 'create_wiki', change: null }, 'Notes', messages)).toBe('Creating Notes')
  // From an API of the release before.
  expect(taskTitle({ kind: 'change_wiki' }, 'Notes', messages)).toBe('Changing Notes')
})
