/** How long a removal for good that failed for the `n`th time is left alone: an hour at first, a day at most. */
export const purgeRestMs = (n: number): number => Math.min(hourMs * 2 ** Math.max(0, n - 1), 24 * hourMs)

const hourMs = 3_600_000
