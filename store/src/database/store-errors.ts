/** What the two engines' errors mean; nothing else knows their numbers. */
import { tlsFaultIn } from '@wikistead/contracts/tls-faults'

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
  if (tlsFaultIn(error) !== undefined) return true
  const meaning = meaningOf(error)
  return meaning !== undefined && meaning !== 'duplicate'
}

/**
 * Whether the server takes no writes for now, or nothing at all: a connection to it is of no use any more, as the primary may
 * be another by the time of the next.
 */
export function isServerAway(error: unknown): boolean {
  return meaningOf(error) === 'server away'
}

/** A unique key was there already. The transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return meaningOf(error) === 'duplicate'
}

/** Another transaction was in the way: the same one may succeed if it is run again, at once. */
export function isContention(error: unknown): boolean {
  return meaningOf(error) === 'contention'
}

type Meaning = 'duplicate' | 'contention' | 'away' | 'server away'

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
  [1053, 'server away'],
  [1927, 'server away'],
  // It only reads for now: a replica before it takes over, a server whose disk is being seen to, InnoDB started so.
  [1290, 'server away'],
  [1792, 'server away'],
  [1836, 'server away'],
  [1036, 'server away'],
  // A node of Galera that is not of the cluster for now; a commit that the cluster did not take.
  [1047, 'server away'],
  [1180, 'away'],
  // No thread or memory for us.
  [1135, 'away'],
  [1037, 'away'],
  [1041, 'away'],
  // No room: in a table's file; on the disk, where the server mostly waits until there is room.
  [1114, 'away'],
  [1021, 'away'],
  [1026, 'away'],
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
  const { mariadb, sqlite, extended } = codesOf(error)
  if (sqlite !== undefined) {
    return sqliteDuplicates.includes(extended ?? sqlite) ? 'duplicate' : sqliteErrors.get(sqlite)
  }
  return mariadb === undefined ? undefined : mariadbErrors.get(mariadb)
}

export interface StoreErrorCodes {
  readonly mariadb?: number
  /** Without what it adds. */
  readonly sqlite?: number
  /** With it. */
  readonly extended?: number
}

export function codesOf(error: unknown): StoreErrorCodes {
  if (typeof error !== 'object' || error === null) return {}
  const { errno, errcode } = error as { readonly errno?: unknown; readonly errcode?: unknown }
  if (typeof errcode === 'number') return { sqlite: errcode & 0xff, extended: errcode }
  // Of the system's own errors, too, some have a number; theirs are below zero.
  return typeof errno === 'number' && errno > 0 ? { mariadb: errno } : {}
}
