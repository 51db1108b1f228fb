/**
 * Whom the PHP of a wiki runs as: PHP's common user, or one of the wiki's own. The wiki's folder says which, so that it
 * stays as it was made whatever the settings become: only root gives files away, and `cache/` and `pubwiki.ini` of a wiki
 * with a user of its own belong to that user's group.
 */
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from './error-code.ts'
import { commandError } from './folder-errors.ts'
import { runHostCommand } from './host-command.ts'

/** A user as files on this host know it. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
}

export interface PhpUsers {
  /** Of all wikis that have none of their own. */
  readonly common: FileOwner
  /** The hub's; the common one when left out. */
  readonly hub?: FileOwner | undefined
  /** A new wiki's user has this number, and the id of the wiki's row added: it was no other wiki's, and never will be. */
  readonly ownFrom?: number | undefined
}

/** What PHP's user writes to; everything else in a wiki's folder is root's. */
const ownFolders = ['images', 'cache'] as const
const iniFile = 'pubwiki.ini'

export function phpUserOfNew(
  { common, hub, ownFrom }: PhpUsers,
  { wikiId, isHub }: { readonly wikiId: number; readonly isHub: boolean },
): FileOwner {
  if (isHub && hub !== undefined) return hub
  return ownFrom === undefined ? common : { uid: ownFrom + wikiId, gid: ownFrom + wikiId }
}

/** Of a wiki whose `pubwiki.ini` is written. */
export async function phpUserOf({ common }: PhpUsers, folder: string): Promise<FileOwner> {
  if (process.getuid?.() !== 0) return common
  const [cache, ini] = await Promise.all([look(join(folder, 'cache')), look(join(folder, iniFile))])
  const isOwn = cache !== undefined && cache.uid !== 0 && cache.gid === ini?.gid && cache.gid !== common.gid
  return isOwn ? { uid: cache.uid, gid: cache.gid } : common
}

/**
 * Gives that user what PHP writes to in the folder, and shuts it to all others. A file that another than the folder's owner
 * has stays theirs: it may be a link that PHP's user made to it.
 *
 * @throws Refusal, ProvisioningFault when it cannot be done
 */
export async function giveFolderTo(folder: string, { uid, gid }: FileOwner): Promise<void> {
  for (const name of ownFolders) {
    const path = join(folder, name)
    const before = await look(path)
    if (before === undefined) continue
    const complaint = await runHostCommand([
      'chown',
      ...['--recursive', '--no-dereference', '-P', `--from=${String(before.uid)}`],
      ...[`${String(uid)}:${String(gid)}`, '--', path],
    ])
    if (complaint !== undefined) throw commandError(complaint, 'WIKIFARM_DIR')
    await using opened = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    await opened.chmod(0o700)
  }
}

async function look(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
