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
 * Whether our own database could not be asked, or had no time or room: the same request may succeed in a moment. What it was
 * asked and did not take is a mistake of ours.
 */
export function isStoreAway(error: unknown): boolean {
  if (!isStoreFault(error)) return false
  // The driver calls an error fatal that ended the connection, or kept it from being made.
  if (error instanceof StoreUnavailable || (error as { fatal?: unknown }).fatal === true) return true
  const meaning = meaningOf(error)
  return meaning === 'contention' || meaning === 'away'
}

/** A unique key was there already. The transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return meaningOf(error) === 'duplicate'
}

/** Another transaction was in the way: the same one may succeed if it is run again, at once. */
export function isContention(error: unknown): boolean {
  return meaningOf(error) === 'contention'
}

type Meaning = 'duplicate' | 'contention' | 'away'

/** MariaDB's numbers. Each is said by the real server in `store-errors.test.ts`, nearly each because it was provoked. */
export const mariadbErrors: ReadonlyMap<number, Meaning> = new Map([
  [1062, 'duplicate'],
  // Deadlock; waited too long for a lock; the record has changed since the transaction's snapshot.
  [1213, 'contention'],
  [1205, 'contention'],
  [1020, 'contention'],
  // Stopped, by its time (max_statement_time) or by somebody's hand: that it waited for a lock is likely, not sure.
  [1969, 'away'],
  [1317, 'away'],
  // No place: of all connections, of this user's, of what this user may ask in an hour.
  [1040, 'away'],
  [1203, 'away'],
  [1226, 'away'],
  // Stopping, or the connection was ended by somebody's hand: mostly it only closes the connection.
  [1053, 'away'],
  [1927, 'away'],
  // It only reads for now: a replica before it takes over, a server whose disk is being seen to.
  [1290, 'away'],
  [1792, 'away'],
  // No room: in a table's file; on the disk, where the server mostly waits until there is room.
  [1114, 'away'],
  [1021, 'away'],
])

/** SQLite's, without what it adds to them: `SQLITE_BUSY_SNAPSHOT` is a `SQLITE_BUSY`. */
const sqliteErrors: ReadonlyMap<number, Meaning> = new Map([
  // Busy, locked.
  [5, 'contention'],
  [6, 'contention'],
  // Read-only, trouble with the disk, full, cannot be opened.
  [8, 'away'],
  [10, 'away'],
  [13, 'away'],
  [14, 'away'],
])

/** Of constraints only these are about a key: SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY. */
const sqliteDuplicates: readonly number[] = [2067, 1555]

function meaningOf(error: unknown): Meaning | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { errno, errcode } = error as { readonly errno?: unknown; readonly errcode?: unknown }
  if (typeof errcode === 'number') {
    return sqliteDuplicates.includes(errcode) ? 'duplicate' : sqliteErrors.get(errcode & 0xff)
  }
  // Of the system's own errors, too, some have a number; theirs are below zero.
  return typeof errno === 'number' ? mariadbErrors.get(errno) : undefined
}
