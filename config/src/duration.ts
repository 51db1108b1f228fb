/** Durations as people and Go programs write them: `30m`, `1h30m`, `1.5h`, `7d`; a plain `0` needs no unit. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g
const whole = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/

/** Milliseconds, rounded to whole ones; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!whole.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(part))
    total += Number(count) * unitMs[unit as keyof typeof unitMs]
  const rounded = Math.round(total)
  return Number.isSafeInteger(rounded) ? rounded : undefined
}

/** The shortest text that `parseDuration` reads back: `90_000` → `1m30s`. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (const [unit, size] of Object.entries(unitMs).toReversed()) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0' : text
}
