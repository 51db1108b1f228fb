/**
 * A data folder belongs to one running process at a time: two Temporal servers on one database both start and
 * fight over it. It holds tokens and keys, so nobody else may look inside.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { isLocked, tryLock } from './exclusive-lock.ts'
import { SetupError } from './setup-error.ts'

export interface DataFolder extends Disposable {
  /** Absolute. */
  readonly path: string
  /** Lets the next process in; may be called twice. */
  release(): void
}

/**
 * Makes the folder when it is missing, and locks it until `release` or the end of this process.
 *
 * @throws SetupError when another process holds it, or when others may look into it.
 */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  closeToOthers(path)
  const holder = join(path, 'holder.pid')
  const lock = tryLock(join(path, 'lock'))
  if (lock === undefined)
    throw new SetupError(`${path} is in use${whoHolds(holder)} or choose another folder`)
  writeFileSync(holder, String(process.pid), { mode: 0o600 })
  let held = true
  const release = () => {
    if (!held) return
    held = false
    rmSync(holder, { force: true })
    lock.release()
  }
  return { path, release, [Symbol.dispose]: release }
}

/** Who holds the folder now, without taking it: a pid, 'unknown', or undefined when nobody does. */
export function holderOf(folder: string): number | 'unknown' | undefined {
  const path = resolve(folder)
  if (!existsSync(join(path, 'lock')) || !isLocked(join(path, 'lock'))) return undefined
  try {
    return Number(readFileSync(join(path, 'holder.pid'), 'utf8')) || 'unknown'
  } catch {
    return 'unknown'
  }
}

function closeToOthers(path: string): void {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) === 0) return
  // A folder with something in it may be a home folder, named by mistake: not ours to close.
  if (readdirSync(path).length > 0) {
    throw new SetupError(`${path} is open to other users; run: chmod 700 ${path}`)
  }
  chmodSync(path, 0o700)
}

function whoHolds(holder: string): string {
  try {
    const pid = readFileSync(holder, 'utf8')
    return ` by the process with pid ${pid}; stop that one (kill ${pid})`
  } catch {
    // It has the lock and is about to write, or it is leaving.
    return ' by another process; stop that one'
  }
}
