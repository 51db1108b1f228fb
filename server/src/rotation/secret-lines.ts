/** The file of a secret that is being changed: both lines at once or as it was, whoever reads it meanwhile. */
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SetupError } from '@wikistead/processes/setup-error'

/** Its owner, its group and who may read it stay. @throws SetupError when it cannot be written */
export async function replaceLines(path: string, lines: readonly string[]): Promise<void> {
  try {
    // What it is a link to is changed, not the link.
    const file = await realpath(path)
    const { uid, gid, mode } = await stat(file)
    const unfinished = `${file}.${randomBytes(6).toString('hex')}`
    try {
      const handle = await open(unfinished, 'wx', 0o600)
      try {
        await handle.writeFile(lines.map((line) => `${line}\n`).join(''))
        const made = await handle.stat()
        if (made.uid !== uid || made.gid !== gid) await handle.chown(uid, gid)
        await handle.chmod(mode & 0o777)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(unfinished, file)
    } finally {
      await rm(unfinished, { force: true })
    }
    const folder = await open(dirname(file))
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new SetupError(
      `${path} cannot be written (${code}): run this as who owns that file, on a disk with room.`,
      { cause: error },
    )
  }
}
