import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printOf, RotationNote, stateOf } from './rotation-state.ts'

test.each([
  [['old'], undefined, { at: 'rest', old: 'old' }],
  // Noted, and cut off before the file was written.
  [['old'], 'new', { at: 'rest', old: 'old' }],
  [['old', 'new'], 'new', { at: 'both', next: 'new', old: 'old' }],
  [['new', 'old'], 'new', { at: 'used', next: 'new', old: 'old' }],
  // Cut off before the note was removed.
  [['new'], 'new', { at: 'over', next: 'new' }],
  [['one', 'other'], undefined, { at: 'unknown' }],
  [['one', 'other'], 'third', { at: 'unknown' }],
  [['one', 'two', 'three'], 'one', { at: 'unknown' }],
])('%j with the note of %j', (lines, noted, state) => {
  expect(stateOf(lines, noted === undefined ? undefined : printOf(noted))).toEqual(state)
})

test('a note is kept, and is none once it is removed or broken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-note-'))
  try {
    const note = new RotationNote(join(folder, 'data'), 'a-secret')
    expect(await note.read()).toBeUndefined()
    await note.write(printOf('new'))
    expect(await new RotationNote(join(folder, 'data'), 'a-secret').read()).toBe(printOf('new'))
    await note.remove()
    expect(await note.read()).toBeUndefined()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
