/** One measured line, and the tables that people read. */
export interface Row {
  readonly what: string
  readonly ours: string
  readonly peer: string
  readonly result: string
  readonly goal: string
  readonly met: boolean | undefined
}

export function markdownTable(rows: readonly Row[]): string {
  const head = ['what', 'ours', 'against', 'result', 'goal', '']
  const lines = rows.map(({ what, ours, peer, result, goal, met }) => [
    ...[what, ours, peer, result, goal],
    met === undefined ? '' : met ? 'met' : 'missed',
  ])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export const ms = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value).toString()} ms`
export const times = (value: number): string => `${value.toFixed(2)}×`
