/** Points in time as the reader's language writes them. */
export function dateAndTime(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** “4 seconds”, “2 hours”: the largest whole unit; less than a second is none. Milliseconds. */
export function timeSpan(ms: number, language: string): string {
  const [unit, length] = spans.find(([, each]) => ms >= each) ?? ['second' as const, 1_000]
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(ms / length),
  )
}
