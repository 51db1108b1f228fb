/** A plot as a table: as many rows as somebody reads, each with the last value of every series until then. */
import type { Series } from './plot-layout.ts'

export interface PlotRow {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Undefined where there was none in that time. */
  readonly values: readonly (number | undefined)[]
}

const most = 31

export function plotRows(
  series: readonly Series[],
  [from, to]: readonly [number, number],
): readonly PlotRow[] {
  const step = Math.max(1, (to - from) / most)
  const rowOf = (at: number): number => Math.min(most - 1, Math.floor((at - from) / step))
  const rows = new Map<number, { at: number; values: (number | undefined)[] }>()
  series.forEach(({ points }, of) => {
    for (const { at, value } of points) {
      const row = rows.get(rowOf(at)) ?? { at, values: series.map(() => undefined) }
      row.at = Math.max(row.at, at)
      row.values[of] = value
      rows.set(rowOf(at), row)
    }
  })
  return [...rows.values()].sort((one, other) => other.at - one.at)
}
