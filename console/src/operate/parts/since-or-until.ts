const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** “now”, “3 minutes ago”, “in 2 hours”; undefined where a date says more. Milliseconds from now. */
export function sinceOrUntil(ms: number, language: string): string | undefined {
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const size = Math.abs(ms)
  if (size > 6.5 * 86_400_000) return undefined
  const found = units.find(([, length]) => size >= length)
  if (found === undefined) return words.format(0, 'second')
  const [unit, length] = found
  return words.format(Math.trunc(ms / length), unit)
}
