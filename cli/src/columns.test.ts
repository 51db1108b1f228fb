import { expect, test } from 'vitest'
import { columns } from './columns.ts'

const rows = [
  ['ID', 'WHAT', 'STATUS'],
  ['01a206e9', 'create a wiki with a long name', 'succeeded'],
]

test('columns stand below each other', () => {
  expect(columns(rows)).toEqual([
    'ID        WHAT                            STATUS',
    '01a206e9  create a wiki with a long name  succeeded',
  ])
})

test('the widest gives way to a narrow terminal, and says that it was cut', () => {
  expect(columns(rows, 33)).toEqual(['ID        WHAT          STATUS', '01a206e9  create a wi…  succeeded'])
})

test('they fit any width that leaves each column room to say something, and never lose a row', () => {
  const table = [...rows, ['', 'x'.repeat(300), ''], ['y'.repeat(90), 'a', 'b']]
  for (let width = 3 * 4 + 2 * 2; width < 420; width += 1) {
    const lines = columns(table, width)
    expect(lines).toHaveLength(table.length)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width)
  }
})
