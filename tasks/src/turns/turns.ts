/**
 * In which order a line is served. Owners take turns, and within one owner who came first is served first: each task
 * gets, when it is admitted, the round in which it will be its owner's turn. An owner's next task gets the round after
 * their last one; who comes new gets the round that is being served now, and so passes whoever asked for many. Rounds
 * are served in order, and within a round who came first. Nothing need be remembered of what has ended.
 */

/** An open task of one line: it waits, or (`since`) holds a place. */
export interface Standing {
  readonly taskId: string
  readonly userId: number
  readonly turn: number
  readonly createdAt: number
  /** When it was given its place; null while it waits. */
  readonly since: number | null
}

/** The round of a new task of this owner. */
export function turnOf(line: readonly Standing[], userId: number): number {
  const waiting = line.filter(isWaiting)
  const served = Math.max(0, ...line.filter((one) => !isWaiting(one)).map(({ turn }) => turn))
  const now = waiting.length === 0 ? served : Math.min(...waiting.map(({ turn }) => turn))
  const own = line.filter((one) => one.userId === userId).map(({ turn }) => turn + 1)
  return Math.max(now, ...own)
}

/** Those who wait, in the order in which they will be served. */
export function inOrder(line: readonly Standing[]): Standing[] {
  return line
    .filter(isWaiting)
    .sort(
      (one, other) =>
        one.turn - other.turn || one.createdAt - other.createdAt || (one.taskId < other.taskId ? -1 : 1),
    )
}

/** Who is given a place now; the rest goes on waiting, in this order. */
export function decide(
  line: readonly Standing[],
  places: number,
): { readonly start: readonly Standing[]; readonly wait: readonly Standing[] } {
  const waiting = inOrder(line)
  const free = Math.max(0, places - (line.length - waiting.length))
  return { start: waiting.slice(0, free), wait: waiting.slice(free) }
}

/**
 * When the one with `place` (1: the next) is about to be served, in milliseconds since 1970: each place is free again
 * when whoever holds it has held it as long as others lately did. Undefined while nobody knows how long that is.
 */
export function expectedAt(
  line: readonly Standing[],
  places: number,
  {
    place,
    heldMs,
    now,
  }: { readonly place: number; readonly heldMs: number | undefined; readonly now: number },
): number | undefined {
  if (heldMs === undefined || places < 1) return undefined
  const held = line.flatMap(({ since }) => (since === null ? [] : [Math.max(now, since + heldMs)]))
  const idle = Array.from({ length: Math.max(0, places - held.length) }, () => now)
  const freeAt = [...held, ...idle].sort((one, other) => one - other).slice(0, places)
  const round = Math.floor((place - 1) / places)
  return (freeAt[(place - 1) % places] ?? now) + round * heldMs
}

/**
 * Whether somebody who was told `told` is to hear of `place`: events are kept for good, so a long wait is told at every
 * halving and, near its end, at every step.
 */
export function isWorthTelling(told: number | null, place: number): boolean {
  if (told === null) return true
  return place < told && (place <= 3 || place <= told / 2)
}

const isWaiting = ({ since }: Standing): boolean => since === null
