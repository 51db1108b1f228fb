/** A SQLite store has every secret that we keep: whoever else is on the machine may not read it. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Others could read the store or put another in its place, and this process cannot keep them from it. */
export class StoreExposed extends Error {
  override readonly name = 'StoreExposed'
}

/**
 * Makes the file if it is not there, and it and what SQLite keeps beside it its owner's alone, whatever the umask. What
 * SQLite makes later has the file's own mode. @throws StoreExposed
 */
export function keepPrivate(filename: string): void {
  if (filename === ':memory:') return
  const folder = dirname(filename)
  const mode = modeOf(folder)
  // In /tmp only a file's owner can replace it, though all may write there.
  if (mode !== undefined && (mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw new StoreExposed(
      `Everybody may write in ${folder}, and so put another store in the place of ours. Run \`chmod o-w ${folder}\`.`,
    )
  }
  try {
    closeSync(openSync(filename, 'ax', 0o600))
  } catch {
    // It is there, or cannot be made: then SQLite says why.
  }
  for (const rest of ['', '-wal', '-shm', '-journal']) closeToOthers(`${filename}${rest}`)
}

function closeToOthers(file: string): void {
  const mode = modeOf(file)
  if (mode === undefined || (mode & 0o077) === 0) return
  try {
    chmodSync(file, mode & 0o700)
  } catch (error) {
    throw new StoreExposed(
      `Others can read ${file}, and its mode cannot be changed by this user. Run \`chmod 600 ${file}\` as its owner.`,
      { cause: error },
    )
  }
}

function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode
}
