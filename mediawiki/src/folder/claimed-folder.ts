/**
 * A folder that comes to be at once and has one maker. It is filled under a name of its own, with the task's marker
 * inside, and then moved to its place, which must be free: of many tasks one wins, and what is half made never stands
 * where a wiki is looked for. Undoing takes the way back, and only with the same marker.
 */
import { lstat, mkdir, readdir, rename } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { commandError, folderError, undoError, type Place } from './folder-errors.ts'
import { runHostCommand } from './host-command.ts'
import { removeTree } from './remove-tree.ts'
import { requireSlug } from '../names/slug.ts'
import { errorCode } from './error-code.ts'
import { readMarker, requireTaskId, writeMarker } from './task-marker.ts'

export interface FolderClaim {
  /** The folder that holds one folder a wiki. */
  readonly parent: string
  readonly place: Place
  readonly slug: string
  readonly task: string
}

/**
 * Makes the folder, filled by `fill`; one that this task has made before is kept as it is.
 * @throws Refusal `folder_foreign` when anything else stands there; it is left untouched
 */
export async function claimFolder(
  claim: FolderClaim,
  fill: (folder: string) => Promise<void>,
): Promise<'made' | 'kept'> {
  const { place, task } = claim
  const target = placeOf(claim)
  const owner = await ownerOf(target)
  if (owner !== free && owner !== task) throw foreign(claim)
  await removeUnfinished(claim)
  if (owner === task) return 'kept'
  const unfinished = join(claim.parent, unfinishedName(claim))
  try {
    await mkdir(unfinished, { mode: 0o700 })
    await writeMarker(unfinished, task)
    await fill(unfinished)
    // What was copied may have brought a marker along.
    await writeMarker(unfinished, task)
    // Unlike rename(2), it does not take the place of an empty folder either.
    const complaint = await runHostCommand(['mv', '--no-clobber', '-T', '--', unfinished, target])
    if (complaint !== undefined) throw commandError(complaint, place)
    if ((await ownerOf(unfinished)) === free) return 'made'
    // Somebody was quicker, if only another attempt of this task.
    await remove(unfinished, place)
    if ((await ownerOf(target)) === task) return 'kept'
    throw foreign(claim)
  } catch (error) {
    await remove(unfinished, place).catch(() => undefined)
    throw folderError(error, place)
  }
}

/** Removes the folder if this task made it, and whatever the task left unfinished. What is not its own stays. */
export async function releaseFolder(claim: FolderClaim): Promise<void> {
  const target = placeOf(claim)
  try {
    if ((await ownerOf(target)) === claim.task) {
      // Out of its place at once: half a wiki is not to be served, nor to look like a stranger's later on.
      await rename(target, join(claim.parent, unfinishedName(claim)))
    }
    await removeUnfinished(claim)
  } catch (error) {
    throw undoError(error, claim.place)
  }
}

/** What stands under the slug's name or is left unfinished under it, whoever made it. */
export async function folderResidue(parent: string, slug: string): Promise<string[]> {
  const names = await readdir(parent)
  return names.filter((name) => name === slug || name.startsWith(`${unfinishedPrefix}${slug}.`))
}

const unfinishedPrefix = '.wikistead.'

function placeOf({ parent, slug }: FolderClaim): string {
  return join(parent, requireSlug(slug))
}

function unfinishedName({ slug, task }: FolderClaim): string {
  return `${unfinishedPrefix}${slug}.${requireTaskId(task)}.${randomBytes(4).toString('hex')}`
}

const free = Symbol('nothing there')

/** The task whose marker is inside; undefined for somebody else's, be it a folder, a file or a link. */
async function ownerOf(path: string): Promise<string | typeof free | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? await readMarker(path) : undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return free
    throw error
  }
}

/** What this task's attempts that were killed have left. */
async function removeUnfinished({ parent, place, slug, task }: FolderClaim): Promise<void> {
  const prefix = `${unfinishedPrefix}${slug}.${requireTaskId(task)}.`
  try {
    for (const name of await readdir(parent)) {
      if (name.startsWith(prefix)) await remove(join(parent, name), place)
    }
  } catch (error) {
    throw folderError(error, place)
  }
}

async function remove(folder: string, place: Place): Promise<void> {
  const complaint = await removeTree(folder)
  if (complaint !== undefined) throw commandError(complaint, place)
}

function foreign({ place, slug }: FolderClaim): Refusal {
  return new Refusal(
    'folder_foreign',
    `In ${place} there is a ${slug} already that this task did not make.`,
    {
      slug,
    },
  )
}
