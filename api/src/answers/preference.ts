/** RFC 7240, the two preferences that we know: `respond-async` and `wait=N`. */

export interface Preference {
  /** How long the request wants to wait for the end, in milliseconds. */
  readonly waitMs: number
  /** For `Preference-Applied`, when a preference was. */
  readonly applied?: string
}

const longestWaitSeconds = 300

export function parsePreference(header: string | undefined, defaultWaitMs: number): Preference {
  const preferences = (header ?? '').split(',').map((part) => (part.split(';', 1)[0] ?? '').trim())
  const wait = preferences
    .map((text) => /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(text)?.[1])
    .find((found) => found !== undefined)
  if (wait !== undefined) {
    const seconds = Math.min(Number(wait), longestWaitSeconds)
    return { waitMs: seconds * 1000, applied: `wait=${String(seconds)}` }
  }
  if (preferences.some((text) => text.toLowerCase() === 'respond-async')) {
    return { waitMs: 0, applied: 'respond-async' }
  }
  return { waitMs: defaultWaitMs }
}
