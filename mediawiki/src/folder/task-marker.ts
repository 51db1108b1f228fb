/**
 * Whose a folder is: the task that made it left its id inside. What has another id, or none, was made by somebody else
 * and is never changed or removed.
 */
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** In the folder of a wiki and of its keys. */
const markerFile = '.wikistead-task'

const taskId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

/** The id as it stands in file names and in comments of SQL and ini, where nothing else may follow it. */
export function requireTaskId(task: string): string {
  if (!taskId.test(task)) throw new TypeError('not a task id')
  return task
}

/**
 * Takes the place of whatever stands there under the marker's name, and never writes through a link. The folder has it
 * whole or not at all: it is written beside the folder first, under a name that begins with the folder's.
 */
export async function writeMarker(folder: string, task: string): Promise<void> {
  const marker = join(folder, markerFile)
  const unfinished = `${folder}.mark`
  try {
    await rm(unfinished, { recursive: true, force: true })
    await writeFile(unfinished, `${requireTaskId(task)}\n`, { mode: 0o644, flag: 'wx', flush: true })
    // No rename takes the place of a folder.
    if ((await lstat(marker).catch(() => undefined))?.isDirectory()) await rm(marker, { recursive: true })
    await rename(unfinished, marker)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The task that made the folder; undefined when nothing there says so. */
export async function readMarker(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, markerFile), 'utf8')).trimEnd()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error))) return undefined
    throw error
  }
}

/** The system's word for it, e.g. `ENOSPC`; empty when it is no error of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
