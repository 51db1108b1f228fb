/**
 * pubwiki.ini in a wiki's folder: replaced whole or not at all, whoever reads it meanwhile. It holds the wiki's only
 * copy of its database password; nothing else learns it but MariaDB.
 */
import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { folderError, undoError } from '../folder/folder-errors.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { PubwikiIni, type IniValue } from './pubwiki-ini.ts'
import { iniFile, oneAtATime, removeUnfinished, replaceIni, type IniAccess } from './replace-ini.ts'
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
    const access = { mode: 0o640, ...(gid !== undefined && { gid }) }
    await oneAtATime(folder, () => replaceIni(folder, { bytes: ini.stamp(task).toBytes(), access }))
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
    await changeIni(folder, setting(values))
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
  await ifThere(
    changeIni(folder, (read) =>
      read.ini.get(databaseKey) === undefined ? undefined : setting(values)(read),
    ),
  )
}

/** Lets the group of PHP's user read it, and no other. @throws Refusal `folder_unwritable`, `template_broken` */
export async function giveIniTo(folder: string, gid: number): Promise<void> {
  try {
    await changeIni(folder, ({ access }) =>
      access.gid === gid ? undefined : { ...access, gid, mode: 0o640 },
    )
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
    if ((await readIfThere(folder)).task === task) await rm(join(folder, iniFile), { force: true })
  } catch (error) {
    throw undoError(error, 'WIKIFARM_DIR')
  }
}

const passwordKey = 'WIKI_DB_PASSWORD'
const databaseKey = 'WIKI_DB_NAME'
const bootstrappingKey = 'WIKI_BOOTSTRAPING'

/** 192 bits, in letters that need no escaping anywhere; with one of each kind that password checks ask for. */
export function newPassword(): string {
  const password = `${randomBytes(24).toString('base64url')}-aA1`
  meetSecret(password)
  return password
}

interface ReadIni {
  readonly ini: PubwikiIni
  /** Of the very file that was read. */
  readonly access: Required<IniAccess>
  readonly seen: Stats
}

async function readIni(folder: string): Promise<ReadIni> {
  const { bytes, stats } = await readPlainFile(join(folder, iniFile))
  const { uid, gid, mode } = stats
  const ini = new PubwikiIni(bytes)
  // Whichever task wrote it.
  const password = ini.get(passwordKey)
  if (typeof password === 'string') meetSecret(password)
  return { ini, access: { uid, gid, mode: mode & 0o777 }, seen: stats }
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

/** More than processes that write at once. */
const mostTries = 20

/** `change` says who may read it then, or undefined to leave all as it is. */
async function changeIni(folder: string, change: (read: ReadIni) => IniAccess | undefined): Promise<void> {
  await oneAtATime(folder, async () => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const read = await readIni(folder)
      const access = change(read)
      if (access === undefined) return
      if (await replaceIni(folder, { bytes: read.ini.toBytes(), access, seen: read.seen })) return
    }
    throw new ProvisioningFault('The wiki’s pubwiki.ini is written by others again and again.', 'busy')
  })
}

/** Nothing when all of them are so already. */
const setting =
  (values: IniValues) =>
  ({ ini, access }: ReadIni): IniAccess | undefined => {
    const others = Object.entries(values).filter(([key, value]) => ini.get(key) !== value)
    for (const [key, value] of others) ini.set(key, value)
    return others.length === 0 ? undefined : access
  }
