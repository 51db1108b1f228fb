/**
 * pubwiki.ini in a wiki's folder: replaced whole or not at all, whoever reads it meanwhile. It holds the wiki's only
 * copy of its database password; nothing else learns it but MariaDB.
 */
import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { commandError, folderError, undoError } from '../folder/folder-errors.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { removeTree } from '../folder/remove-tree.ts'
import { PubwikiIni, type IniValue } from './pubwiki-ini.ts'
import { errorCode } from '../folder/error-code.ts'
import { readMarker, requireTaskId } from '../folder/task-marker.ts'

export interface RenderedIni {
  /** The wiki's own, which this task must have made. */
  readonly folder: string
  readonly task: string
  readonly values: Readonly<Record<string, IniValue>>
  /** The group of PHP's user, which reads the file and does not own it. */
  readonly gid?: number | undefined
}

/**
 * Fills the template's pubwiki.ini. Done again by the same task, it keeps the password.
 * @throws Refusal `folder_foreign`, `template_broken`, `folder_unwritable`
 */
export async function renderPubwikiIni({ folder, task, values, gid }: RenderedIni): Promise<void> {
  try {
    await requireOwnFolder(folder, task)
    const ini = await readIfThere(folder)
    const password = keptIn(ini, task, passwordKey) ?? newPassword()
    for (const [key, value] of Object.entries({ ...values, [passwordKey]: password })) ini.set(key, value)
    await replaceIni(folder, ini.stamp(task), { mode: 0o640, ...(gid !== undefined && { gid }) })
  } catch (error) {
    throw folderError(error, 'WIKIFARM_DIR')
  }
}

/** @throws Refusal `folder_foreign` */
export async function requireOwnFolder(folder: string, task: string): Promise<void> {
  const marker = await readMarker(folder).catch((error: unknown) => {
    throw folderError(error, 'WIKIFARM_DIR')
  })
  if (marker === requireTaskId(task)) return
  throw new Refusal('folder_foreign', "The wiki's folder is not one that this task made.")
}

/** True keeps the wiki out of service; readers and owner of the file stay as they are. */
export async function setBootstrapping(folder: string, bootstrapping: boolean): Promise<void> {
  await changePubwikiIni(folder, { [bootstrappingKey]: bootstrapping })
}

/** Undefined: the key is not there. */
export type IniValues = Readonly<Record<string, IniValue | undefined>>

/**
 * All of them at once or none; the rest of the file, its readers and its owner stay as they are.
 * @throws Refusal `folder_unwritable`, `template_broken`, and then nothing was changed
 */
export async function changePubwikiIni(folder: string, values: IniValues): Promise<void> {
  try {
    const { ini, access } = await readIni(folder)
    await change(folder, ini, values, access)
  } catch (error) {
    throw folderError(error, 'WIKIFARM_DIR')
  }
}

/** What these keys say now. */
export async function readIniValues(folder: string, keys: readonly string[]): Promise<IniValues> {
  try {
    const ini = await readPubwikiIni(folder)
    return Object.fromEntries(keys.map((key) => [key, ini.get(key)]))
  } catch (error) {
    throw folderError(error, 'WIKIFARM_DIR')
  }
}

/** Changes values of a wiki that stands; readers and owner of the file stay as they are. Nothing where there is no wiki. */
export async function renewPubwikiValues(
  folder: string,
  values: Readonly<Record<string, IniValue>>,
): Promise<void> {
  const there = await ifThere(readIni(folder))
  if (there?.ini.get(databaseKey) !== undefined) await change(folder, there.ini, values, there.access)
}

/** Lets the group of PHP's user read it, and no other. @throws Refusal `folder_unwritable`, `template_broken` */
export async function giveIniTo(folder: string, gid: number): Promise<void> {
  try {
    const { ini, access } = await readIni(folder)
    if (access.gid !== gid) await replaceIni(folder, ini, { ...access, gid, mode: 0o640 })
  } catch (error) {
    throw folderError(error, 'WIKIFARM_DIR')
  }
}

/** @throws an error of the file system when there is none, or something else in its place */
export async function readPubwikiIni(folder: string): Promise<PubwikiIni> {
  return (await readIni(folder)).ini
}

/** The password that a task wrote there, and no other's: a template's own is nobody's. */
export async function readDatabasePassword(folder: string, task: string): Promise<string | undefined> {
  return readKept(folder, task, passwordKey)
}

/** What a task wrote under that key; undefined when it was another task, or nothing. */
export async function readKept(folder: string, task: string, key: string): Promise<string | undefined> {
  return keptIn(await readIfThere(folder), task, key)
}

function keptIn(ini: PubwikiIni, task: string, key: string): string | undefined {
  const value = ini.task === task ? ini.get(key) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Takes the file away if this task rendered it. The folder itself, and what else is in it, stays. */
export async function removePubwikiIni(folder: string, task: string): Promise<void> {
  try {
    if ((await readMarker(folder)) !== requireTaskId(task)) return
    await removeUnfinished(folder)
    if ((await readIfThere(folder)).task === task) await rm(join(folder, file), { force: true })
  } catch (error) {
    throw undoError(error, 'WIKIFARM_DIR')
  }
}

const file = 'pubwiki.ini'
const unfinishedPrefix = `.${file}.`
const passwordKey = 'WIKI_DB_PASSWORD'
const databaseKey = 'WIKI_DB_NAME'
const bootstrappingKey = 'WIKI_BOOTSTRAPING'

/** 192 bits, in letters that need no escaping anywhere; with one of each kind that password checks ask for. */
export function newPassword(): string {
  const password = `${randomBytes(24).toString('base64url')}-aA1`
  meetSecret(password)
  return password
}

interface Access {
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** With who may read it, which are those of the very file that was read. */
async function readIni(folder: string): Promise<{ readonly ini: PubwikiIni; readonly access: Access }> {
  const { bytes, stats } = await readPlainFile(join(folder, file))
  const { uid, gid, mode } = stats
  const ini = new PubwikiIni(bytes)
  // Whichever task wrote it.
  const password = ini.get(passwordKey)
  if (typeof password === 'string') meetSecret(password)
  return { ini, access: { uid, gid, mode: mode & 0o777 } }
}

async function readIfThere(folder: string): Promise<PubwikiIni> {
  return (await ifThere(readPubwikiIni(folder))) ?? new PubwikiIni()
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes nothing when all of them are so already. */
async function change(folder: string, ini: PubwikiIni, values: IniValues, access: Access): Promise<void> {
  const others = Object.entries(values).filter(([key, value]) => ini.get(key) !== value)
  if (others.length === 0) return
  for (const [key, value] of others) ini.set(key, value)
  await replaceIni(folder, ini, access)
}

async function replaceIni(
  folder: string,
  ini: PubwikiIni,
  { mode, uid = -1, gid = -1 }: Access,
): Promise<void> {
  await removeUnfinished(folder)
  const unfinished = join(folder, unfinishedPrefix + randomBytes(4).toString('hex'))
  // PHP's user may own the folder: exclusive, so that no link of theirs leads the secrets elsewhere.
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    await handle.writeFile(ini.toBytes())
    if (uid !== -1 || gid !== -1) await handle.chown(uid, gid)
    await handle.chmod(mode)
    await handle.sync()
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await rename(unfinished, join(folder, file))
  await syncFolder(folder)
}

async function removeUnfinished(folder: string): Promise<void> {
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
