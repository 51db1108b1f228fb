/**
 * The token by which the control plane is let in is known to the guard alone, which says the farm's own in its place. So it
 * is changed without a start of the farm, and two count while one takes the place of the other.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

export interface TokenExchange {
  /** Those that count now. */
  readonly accepted: () => readonly string[]
  /** What the farm itself was started with. */
  readonly ofFarm: string
}

/** The `Authorization` for the farm's administration: its own for a token that counts, and none for whatever else was said. */
export function authorizationForFarm(
  given: string | undefined,
  { accepted, ofFarm }: TokenExchange,
): string | undefined {
  const token = /^Bearer (\S+)$/i.exec(given ?? '')?.[1]
  if (token === undefined) return undefined
  return accepted().some((each) => isSame(each, token)) ? `Bearer ${ofFarm}` : undefined
}

const isSame = (one: string, other: string): boolean => timingSafeEqual(printOf(one), printOf(other))

const printOf = (text: string): Buffer => createHash('sha256').update(text).digest()
