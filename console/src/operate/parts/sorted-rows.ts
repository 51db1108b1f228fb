/** Rows of a page in the order that the reader chose for one of its columns. */
export type SortValue = string | number | null

export interface SortBy {
  readonly key: string
  readonly direction: 'ascending' | 'descending'
}

/** Ascending, then descending, then as they came. */
export function nextSort(now: SortBy | undefined, key: string): SortBy | undefined {
  if (now?.key !== key) return { key, direction: 'ascending' }
  return now.direction === 'ascending' ? { key, direction: 'descending' } : undefined
}

/** What has no value stands last, either way; texts as the language has them, with numbers in them as numbers. */
export function sortedRows<Row>(
  rows: readonly Row[],
  valueOf: (row: Row) => SortValue,
  direction: SortBy['direction'],
  language: string,
): readonly Row[] {
  const { compare } = new Intl.Collator(language, { numeric: true })
  const turn = direction === 'ascending' ? 1 : -1
  return [...rows].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return turn * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)))
  })
}
