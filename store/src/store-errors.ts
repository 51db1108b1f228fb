/** What the two engines' errors mean; nothing else knows their numbers. */

/** The database took too long, or too many wait for it. Nothing is wrong with what was asked: try again later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

const faults = new WeakSet()

/** What both engines' doors throw is marked there: by its looks it could be any other database's error. */
export function markStoreFault<T>(error: T): T {
  if (typeof error === 'object' && error !== null) faults.add(error)
  return error
}

/** Whether our own database failed, in whatever way: away, too slow, full, or it did not take a statement. */
export function isStoreFault(error: unknown): boolean {
  return typeof error === 'object' && error !== null && faults.has(error)
}

/**
 * Whether our own database could not be asked, or had no time: the same request may succeed in a moment. What it was asked
 * and did not take is a mistake of ours.
 */
export function isStoreAway(error: unknown): boolean {
  if (!isStoreFault(error)) return false
  // The driver calls an error fatal that ended the connection, or kept it from being made.
  return (
    error instanceof StoreUnavailable || (error as { fatal?: unknown }).fatal === true || isContention(error)
  )
}

/** A unique key was there already. The transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return numbers(error).some((code) => code === 1062 || code === 2067 || code === 1555)
}

/** Another transaction was in the way: the same one may succeed if it is run again. */
export function isContention(error: unknown): boolean {
  // MariaDB: deadlock, lock wait time-out, record changed; SQLite: busy, busy snapshot, locked.
  return numbers(error).some((code) => [1213, 1205, 1020, 5, 517, 6].includes(code))
}

function numbers(error: unknown): number[] {
  if (typeof error !== 'object' || error === null) return []
  const { errno, errcode } = error as { readonly errno?: unknown; readonly errcode?: unknown }
  return [errno, errcode].filter((value) => typeof value === 'number')
}
