/**
 * Who works over a data folder, one after the other or side by side. Processes of one lineage on one machine can tell of
 * each other whether they live: each holds a lock that the kernel frees with its end. Of any other process nothing is
 * known but what it says of itself.
 */
import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { isLocked, tryLock } from './exclusive-lock.ts'

export interface Lineage {
  /** Of the data folder. A copy of it is another. */
  readonly id: string
  /** Of this machine since its system began. */
  readonly boot: string
  /** Takes the lock of a process; whoever has none of that name is taken for dead. */
  enter(processId: string): Disposable
  /** Whether that process of this lineage and boot is surely dead. */
  isDead(processId: string): boolean
}

/** Processes within this one, which would not be told from dead ones by their locks. */
const here = new Set<string>()

/** Makes the folder when it is missing. Where nothing can be written, each process is a lineage of its own. */
export function openLineage(dataFolder: string): Lineage {
  try {
    return lineageOf(dataFolder)
  } catch (error) {
    if (!/^(?:EACCES|EPERM|EROFS)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error
    return { id: randomUUID(), boot: bootId(), enter: () => ({ [Symbol.dispose]() {} }), isDead: () => false }
  }
}

function lineageOf(dataFolder: string): Lineage {
  const folder = resolve(dataFolder)
  const locks = join(folder, 'processes')
  mkdirSync(locks, { recursive: true, mode: 0o700 })
  accessSync(locks, constants.R_OK | constants.W_OK | constants.X_OK)
  const lockOf = (processId: string): string => join(locks, `${processId}.lock`)
  return {
    id: lineageId(folder),
    boot: bootId(),
    enter(processId) {
      const lock = tryLock(lockOf(processId))
      if (lock === undefined) throw new Error(`${lockOf(processId)} is another’s`)
      here.add(processId)
      return {
        [Symbol.dispose]() {
          here.delete(processId)
          lock.release()
          rmSync(lockOf(processId), { force: true })
        },
      }
    },
    isDead(processId) {
      if (here.has(processId)) return false
      const file = lockOf(processId)
      if (!existsSync(file)) return true
      if (isLocked(file)) return false
      rmSync(file, { force: true })
      return true
    },
  }
}

interface Recorded {
  readonly id: string
  readonly folder: string
  readonly inode: number
}

/** A folder that was copied, or put back from a backup, begins a lineage of its own. */
function lineageId(folder: string): string {
  const file = join(folder, 'lineage.json')
  const { ino: inode } = statSync(folder)
  const mine: Recorded = { id: randomUUID(), folder, inode }
  const unfinished = `${file}.${mine.id}`
  for (;;) {
    const found = read(file)
    if (found?.inode === inode && found.folder === folder) return found.id
    writeFileSync(unfinished, `${JSON.stringify(mine)}\n`, { mode: 0o600 })
    if (found !== undefined) renameSync(unfinished, file)
    else {
      try {
        linkSync(unfinished, file)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      rmSync(unfinished, { force: true })
    }
  }
}

function read(file: string): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recorded
  } catch {
    rmSync(file, { force: true })
    return undefined
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return hostname()
  }
}
