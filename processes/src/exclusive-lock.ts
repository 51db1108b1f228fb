/**
 * A lock between processes that the kernel frees when its holder ends, SIGKILL included: an exclusive SQLite
 * transaction that is never ended. Nothing else may open the file: closing any of a process's descriptors on it
 * would free the lock.
 */
import { DatabaseSync } from 'node:sqlite'

export interface ExclusiveLock extends Disposable {
  release(): void
}

const busy = 5

/** A database that nothing refers to is closed when memory is tidied up, and its lock is gone. */
const held = new Set<DatabaseSync>()

/** The lock on this file, made when missing in a folder that exists; undefined while another holds it. */
export function tryLock(file: string): ExclusiveLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  const release = () => {
    held.delete(database)
    if (database.isOpen) database.close()
  }
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    release()
    if ((error as { errcode?: number }).errcode === busy) return undefined
    throw error
  }
  held.add(database)
  return { release, [Symbol.dispose]: release }
}

/** Whether another process holds the lock on this file. Never for a file that this process has locked: see above. */
export function isLocked(file: string): boolean {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 0 })
  try {
    database.prepare('SELECT 1 FROM sqlite_schema').all()
    return false
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return true
    throw error
  }
}
