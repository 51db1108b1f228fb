/** A time of the API as people read it, e.g. `2026-11-30 05:44 UTC`; `never` for none. */
export function moment(time: string | null): string {
  return time === null ? 'never' : `${time.slice(0, 16).replace('T', ' ')} UTC`
}

/** e.g. `0.34 s` */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`
}
