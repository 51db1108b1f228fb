/** How long a phase took, in words of the reader's language. */
import type { Task } from '@wikistead/contracts'

export type PhaseTimes = NonNullable<Task['phases']>

/** “0.4 s”, “12 s”, “3 min”; '' while it is not over. */
export function phaseTime(
  { began_at: began, ended_at: ended }: PhaseTimes[number],
  language: string,
): string {
  if (ended === null) return ''
  const seconds = Math.max(0, Date.parse(ended) - Date.parse(began)) / 1_000
  const inMinutes = seconds >= 120
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: inMinutes ? 'minute' : 'second',
    unitDisplay: 'short',
    maximumFractionDigits: seconds < 10 ? 1 : 0,
  }).format(inMinutes ? seconds / 60 : seconds)
}
