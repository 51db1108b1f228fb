/**
 * Whose a folder is: the task that made it left its id inside. What has another id, or none, was made by somebody else
 * and is never changed or removed.
 */
import { lstat, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from './error-code.ts'
import { readPlainFile } from './plain-file.ts'
import { removeTree } from './remove-tree.ts'

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
    await remove(unfinished)
    await writeFile(unfinished, `${requireTaskId(task)}\n`, { mode: 0o644, flag: 'wx', flush: true })
    // No rename takes the place of a folder.
    if ((await lstat(marker).catch(() => undefined))?.isDirectory()) await remove(marker)
    await rename(unfinished, marker)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The task that made the folder; undefined when nothing there says so. */
export async function readMarker(folder: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(join(folder, markerFile))).bytes.toString('utf8').trimEnd()
  } catch (error) {
    if (noMarker.includes(errorCode(error))) return undefined
    throw error
  }
}

/** Nothing there, or nothing that we would have put there. */
const noMarker = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EINVAL', 'EFBIG', 'ENXIO']

async function remove(path: string): Promise<void> {
  const complaint = await removeTree(path)
  if (complaint !== undefined) throw new Error(complaint)
}
