/** How often, in the words of the API (`30m`) and in those of people. */
export const intervalUnits = ['minute', 'hour', 'day'] as const
export type IntervalUnit = (typeof intervalUnits)[number]

export interface Interval {
  readonly count: number
  readonly unit: IntervalUnit
}

const seconds: Readonly<Record<IntervalUnit, number>> = { minute: 60, hour: 3_600, day: 86_400 }

/** In the greatest unit that divides it. */
export function intervalOf(total: number): Interval {
  const unit = [...intervalUnits].reverse().find((one) => total % seconds[one] === 0 && total > 0)
  return unit === undefined
    ? { count: Math.max(1, Math.round(total / 60)), unit: 'minute' }
    : { count: total / seconds[unit], unit }
}

export const intervalText = ({ count, unit }: Interval): string => `${String(count)}${unit.charAt(0)}`

export const sayInterval = ({ count, unit }: Interval, language: string): string =>
  new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
