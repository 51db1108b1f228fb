import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'

/**
 * Rows as lines whose columns stand below each other, two spaces apart, wide characters counted as terminals show them.
 * Where a width is given they fit it: the widest column gives way, and what is cut off of a cell is an ellipsis.
 */
export function columns(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, stringWidth(cell))
  }
  narrow(widths, width)
  return rows.map((row) =>
    row
      .map((cell, at) => fitted(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Below this a column says nothing any more. */
const narrowest = 4

function narrow(widths: number[], width: number): void {
  const sum = () => widths.reduce((all, each) => all + each, 2 * (widths.length - 1))
  while (sum() > width) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) return
    widths[widths.indexOf(widest)] = widest - 1
  }
}

function fitted(cell: string, width: number): string {
  const cut = cliTruncate(cell, width)
  return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)))
}
