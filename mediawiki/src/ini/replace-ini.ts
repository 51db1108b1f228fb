/**
 * The one way in which a pubwiki.ini is written: whole, under another name first, by one writer after the other. A task, the
 * rounds of a host and a command may want to at the same time, each for keys of its own.
 */
import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { commandError } from '../folder/folder-errors.ts'
import { removeTree } from '../folder/remove-tree.ts'

export const iniFile = 'pubwiki.ini'
const unfinishedPrefix = `.${iniFile}.`

export interface IniAccess {
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

export interface IniReplacement {
  readonly bytes: Uint8Array
  readonly access: IniAccess
  /** Of the file that it was made from; left out, whatever is there goes. */
  readonly seen?: Pick<Stats, 'ino' | 'ctimeMs'>
}

const writing = new Map<string, Promise<unknown>>()

/** Writers of this process wait for each other. */
export async function oneAtATime<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = writing.get(folder)
  const turn = (async () => {
    await before?.catch(() => undefined)
    return act()
  })()
  writing.set(folder, turn)
  try {
    return await turn
  } finally {
    if (writing.get(folder) === turn) writing.delete(folder)
  }
}

/** @returns false when another process has written it since it was seen; then nothing was changed */
export async function replaceIni(
  folder: string,
  { bytes, access: { mode, uid = -1, gid = -1 }, seen }: IniReplacement,
): Promise<boolean> {
  await removeUnfinished(folder)
  const unfinished = join(folder, unfinishedPrefix + randomBytes(4).toString('hex'))
  // PHP's user may own the folder: exclusive, so that no link of theirs leads the secrets elsewhere.
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    if (uid !== -1 || gid !== -1) await handle.chown(uid, gid)
    await handle.chmod(mode)
    await handle.sync()
    if (seen !== undefined) {
      const { ino, ctimeMs } = await lstat(join(folder, iniFile))
      if (ino !== seen.ino || ctimeMs !== seen.ctimeMs) {
        await rm(unfinished, { force: true })
        return false
      }
    }
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await rename(unfinished, join(folder, iniFile))
  await syncFolder(folder)
  return true
}

export async function removeUnfinished(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(unfinishedPrefix))
  for (const name of names) {
    // PHP's user may have put a folder there.
    const complaint = await removeTree(join(folder, name))
    if (complaint !== undefined) throw commandError(complaint, 'WIKIFARM_DIR')
  }
}

/** The new name is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
