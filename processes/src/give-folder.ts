import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { User } from './rooms/room.ts'
import { SetupError } from './setup-error.ts'

/**
 * A folder that is this user's alone, with all that an earlier release, or another user of ours, left in it; made when missing.
 * The folder above it must be root's, and this process too. Later starts change nothing: by then the user may have put
 * there whatever they like.
 *
 * @throws SetupError when something else has its place
 */
export async function giveFolder(path: string, { uid, gid }: User): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  if (!found.isDirectory()) throw new SetupError(`${path} must be a folder: move away what is there`)
  if (found.uid !== uid || found.gid !== gid) {
    // By descriptors, following no link, and nothing of anybody else's that was linked there; the folder itself comes last, so
    // that a broken-off run is done again.
    const command = [
      '-R',
      '-h',
      '-P',
      `--from=${String(found.uid)}`,
      `${String(uid)}:${String(gid)}`,
      '--',
      path,
    ]
    await promisify(execFile)('chown', command, { cwd: '/' })
  }
  await chmod(path, 0o700)
}
