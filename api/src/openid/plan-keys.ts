/** What is to be done with the keys that one API signs with, as a pure function. All times in milliseconds. */

const minute = 60_000
const day = 86_400_000

export const keyTimes = {
  /** Who keeps a list of our keys has asked for it anew by then. */
  aheadMs: 10 * minute,
  /** Nothing that was signed stands for longer. */
  afterMs: 60 * minute,
  /** Then another takes its place. */
  lifeMs: 90 * day,
  /** A key of an API that is gone is told of for so long. */
  idleMs: 7 * day,
} as const

interface Key {
  readonly kid: string
  readonly created_at: number
  readonly signs_from: number
  readonly expires_at: number
}

export interface KeyPlan {
  readonly make: { readonly signsFrom: number; readonly expiresAt: number } | undefined
  /** Ends that are to be others. */
  readonly expire: readonly { readonly kid: string; readonly at: number }[]
}

/** @param wanted keys from before then are to be replaced */
export function planKeys(
  own: readonly Key[],
  { now, wanted }: { readonly now: number; readonly wanted: number },
): KeyPlan {
  const inOrder = own.toSorted((a, b) => a.signs_from - b.signs_from || (a.kid < b.kid ? -1 : 1))
  const newest = inOrder.at(-1)
  const isDue = newest === undefined || newest.created_at < Math.max(wanted, now - keyTimes.lifeMs)
  const signsFrom = newest === undefined ? now : now + keyTimes.aheadMs
  const make = isDue ? { signsFrom, expiresAt: signsFrom + keyTimes.idleMs } : undefined
  const expire = inOrder.flatMap((key, at) => {
    const next = inOrder[at + 1]?.signs_from ?? make?.signsFrom
    const end = next === undefined ? now + keyTimes.idleMs : next + keyTimes.afterMs
    // An end that is put off is written once a day; one that comes nearer, at once.
    const isNear = next === undefined ? end - key.expires_at > day : end !== key.expires_at
    return isNear ? [{ kid: key.kid, at: end }] : []
  })
  return { make, expire }
}
