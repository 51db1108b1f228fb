import { expect, test } from 'vitest'
import { actOnEach } from './act-on-each.ts'
import { nextSort, sortedRows } from './sorted-rows.ts'

test('a column sorts up, then down, then not at all; another begins anew', () => {
  const up = nextSort(undefined, 'name')
  expect(up).toEqual({ key: 'name', direction: 'ascending' })
  expect(nextSort(up, 'name')).toEqual({ key: 'name', direction: 'descending' })
  expect(nextSort(nextSort(up, 'name'), 'name')).toBeUndefined()
  expect(nextSort(up, 'owner')).toEqual({ key: 'owner', direction: 'ascending' })
})

test('texts sort as people read them, numbers as numbers, and what has no value stands last either way', () => {
  const sort = (rows: readonly (string | number | null)[], direction: 'ascending' | 'descending') =>
    sortedRows(rows, (row) => row, direction, 'en')
  expect(sort(['wiki 10', null, 'Éva', 'wiki 9'], 'ascending')).toEqual(['Éva', 'wiki 9', 'wiki 10', null])
  expect(sort([1, null, 10, 2], 'descending')).toEqual([10, 2, 1, null])
})

test('what one row is refused keeps none of the others', async () => {
  const outcomes = await actOnEach(['a', 'b', 'c'], (row) =>
    row === 'b' ? Promise.reject(new Error('not b')) : Promise.resolve(),
  )
  expect(outcomes.map(({ row, refused }) => [row, refused?.message])).toEqual([
    ['a', undefined],
    ['b', 'not b'],
    ['c', undefined],
  ])
})
