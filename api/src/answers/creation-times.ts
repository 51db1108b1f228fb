/** How long creations took, in as many equal spans of time as a plot has room for. */
import type { Overview } from '@wikistead/contracts'
import type { Creation } from '@wikistead/store'

type CreationTimes = Overview['creations']

/** Of each engine, oldest first; spans in which nothing was made are left out. Milliseconds. */
export function creationTimes(creations: readonly Creation[], spanMs: number): CreationTimes {
  const spans = new Map<string, Creation[]>()
  for (const creation of creations) {
    const key = `${String(creation.endedAt - (creation.endedAt % spanMs))} ${creation.engine}`
    spans.set(key, [...(spans.get(key) ?? []), creation])
  }
  return [...spans]
    .map(([key, made]) => {
      const seconds = made
        .map(({ createdAt, endedAt }) => (endedAt - createdAt) / 1_000)
        .sort((a, b) => a - b)
      return {
        engine: made[0]?.engine ?? 'mediawiki',
        at: new Date(Number(key.split(' ')[0])).toISOString(),
        count: made.length,
        median_seconds: seconds[Math.floor((seconds.length - 1) / 2)] ?? 0,
        slowest_seconds: seconds.at(-1) ?? 0,
      }
    })
    .sort((one, other) => one.at.localeCompare(other.at))
}
