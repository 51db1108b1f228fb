import type { Finding } from './compare.ts'
import type { StageReport } from './stages.ts'

export interface Report {
  readonly stages: readonly StageReport[]
  readonly findings: readonly Finding[]
  /** Who ended though nobody had told it to, and how often. */
  readonly ownDeaths: ReadonlyMap<string, number>
  readonly counted: string
}

/** Nothing is lost, doubled, stuck or left over, but what an alarm tells an operator of. */
export function holds({ findings }: Report): boolean {
  return findings.every(({ kind }) => kind === 'told')
}

/** As Markdown. */
export function reportText(report: Report): string {
  const { stages, findings, ownDeaths, counted } = report
  const seconds = (ms: number | undefined) => (ms === undefined ? '–' : `${(ms / 1_000).toFixed(1)} s`)
  const rows = stages.map((each) => [
    ...[each.stage, String(each.asked), String(each.succeeded)],
    [...each.others].map(([code, n]) => `${String(n)} ${code}`).join(', ') || '–',
    ...[String(each.unended), String(each.askedAgain), seconds(each.firstAfterMs)],
    ...[seconds(each.medianMs), seconds(each.longestMs)],
  ])
  const head = [
    ...['killed', 'asked', 'ready', 'undone', 'without end', 'asked again', 'next ready after', 'median'],
    'longest',
  ]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const sum = (of: (each: StageReport) => number) => stages.reduce((total, each) => total + of(each), 0)
  return [
    ...[line(head), line(head.map(() => '---')), ...rows.map(line), ''],
    `${String(sum(({ asked }) => asked))} asked for, ${String(sum(({ succeeded }) => succeeded))} ready. ${counted}`,
    ...[...ownDeaths].map(
      ([name, n]) => `${name} ended by itself ${String(n)} times, and was started again.`,
    ),
    '',
    holds(report)
      ? 'Nothing lost, doubled, stuck or left over that no alarm tells of.'
      : `${String(findings.length)} findings:`,
    ...findings.slice(0, 100).map(({ kind, what }) => `- ${kind}: ${what}`),
    '',
    holds(report) ? 'The drill holds.' : 'The drill does not hold.',
  ].join('\n')
}
