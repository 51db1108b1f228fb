/**
 * What is known of one command, in files that both this host and the place where it runs can see; `command.sh` writes
 * the other half. They answer for the command when its worker, or the engine, has died since.
 *
 *   FOLDER/NAME/stop       ours: why the command was ended; while it is there nothing starts
 *   FOLDER/NAME/run/…      PHP's user's: lock, pid, code, exit, out, err, out.end, err.end
 *
 * PHP's user can put anything there. So links are not followed, only plain files are read, and nothing is written.
 */
import { constants } from 'node:fs'
import { chmod, chown, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RunnerFault } from '../faults/runner-fault.ts'
import type { FileOwner } from '../folder/php-users.ts'
import { removeTree } from '../folder/remove-tree.ts'

export type StopReason = 'cancel' | 'timeout'

export class CommandFiles {
  /** Of this command among all commands, here and in the environment of its processes. */
  readonly name: string
  readonly folder: string
  readonly #owner: FileOwner

  /** @throws RangeError for an id that could not name a file */
  constructor(root: string, id: string, owner: FileOwner) {
    this.name = nameOf(id)
    this.folder = join(root, this.name)
    this.#owner = owner
  }

  async prepare(): Promise<void> {
    const { uid, gid } = this.#owner
    const run = join(this.folder, 'run')
    const done = await explained(this.folder, async () => {
      for (const folder of [dirname(this.folder), this.folder]) {
        // What PHP's user cannot walk through does it no good, whatever our umask is.
        if (await makeFolder(folder)) await chmod(folder, 0o711)
      }
      await makeFolder(run)
      const found = await lstat(run)
      if (found.uid !== uid || found.gid !== gid) await chown(run, uid, gid)
      return true
    })
    if (done === undefined) throw unusable(this.folder, 'ENOENT')
  }

  /** Whom the command runs as: only root can have given that folder to anybody. */
  async owner(): Promise<FileOwner> {
    const run = join(this.folder, 'run')
    const found = await explained(run, () => lstat(run))
    return found === undefined ? this.#owner : { uid: found.uid, gid: found.gid }
  }

  async exists(): Promise<boolean> {
    return (await this.#modifiedAt('.')) !== undefined
  }

  /** Undefined while the command has not ended with all its output in the files. */
  async exitCode(): Promise<number | undefined> {
    return this.#readCode('exit')
  }

  /** For a command of which nothing runs any more: what watched it may have been killed just before it was done. */
  async lastExitCode(): Promise<number | undefined> {
    return (await this.#readCode('exit')) ?? (await this.#readCode('code'))
  }

  /** When the command's present life began, in milliseconds since 1970. */
  async startedAt(): Promise<number | undefined> {
    return this.#modifiedAt('pid')
  }

  /** Undefined until the command writes to it. The caller closes it. */
  async openOutput(file: 'out' | 'err' | 'out.end' | 'err.end') {
    return this.#open(join('run', file))
  }

  async stopReason(): Promise<StopReason | undefined> {
    const reason = await this.#read('stop')
    return reason === 'cancel' || reason === 'timeout' ? reason : undefined
  }

  async bar(reason: StopReason): Promise<void> {
    const file = join(this.folder, 'stop')
    await explained(file, async () => {
      await writeFile(`${file}.new`, reason, { mode: 0o644 })
      await rename(`${file}.new`, file)
    })
  }

  /**
   * After a cancelled command is proven to have stopped: it may be asked for anew, and the code that our signal gave it
   * is none of its own.
   */
  async unbar(): Promise<void> {
    await explained(this.folder, async () => {
      if ((await this.lastExitCode()) !== 0) {
        for (const file of ['code', 'exit']) await remove(join(this.folder, 'run', file))
      }
      await rm(join(this.folder, 'stop'), { force: true })
    })
  }

  async remove(): Promise<void> {
    await remove(this.folder)
  }

  async #readCode(file: 'exit' | 'code'): Promise<number | undefined> {
    const text = await this.#read(join('run', file))
    return text !== undefined && /^\d{1,3}\n$/.test(text) ? Number(text) : undefined
  }

  async #modifiedAt(file: string): Promise<number | undefined> {
    const path = join(this.folder, file === 'pid' ? 'run/pid' : file)
    return explained(path, async () => (await lstat(path)).mtimeMs)
  }

  async #read(file: string): Promise<string | undefined> {
    await using handle = await this.#open(file)
    if (handle === undefined) return undefined
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('latin1', 0, bytesRead)
  }

  async #open(file: string) {
    const path = join(this.folder, file)
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    return explained(path, async () => {
      const handle = await open(path, flags)
      if ((await handle.stat()).isFile()) return handle
      await handle.close()
      return undefined
    })
  }
}

/** The ids' names in this folder that are `prefix` or below it. */
export async function commandsBelow(root: string, prefix: string): Promise<readonly string[]> {
  const first = idOf(nameOf(prefix))
  return (await allCommands(root)).filter((id) => id === first || id.startsWith(`${first}/`))
}

/** The ids of all commands with files here. */
export async function allCommands(root: string): Promise<readonly string[]> {
  return ((await explained(root, () => readdir(root))) ?? []).map(idOf)
}

function nameOf(id: string): string {
  if (!/^[\w-]+(?:\/[\w-]+)*$/.test(id) || id.length > 200) {
    throw new RangeError(`A command's id is at most 200 letters, digits, - _ and single /, not ${id}`)
  }
  return id.replaceAll('/', '.')
}

function idOf(name: string): string {
  return name.replaceAll('.', '/')
}

async function remove(path: string): Promise<void> {
  const complaint = await removeTree(path)
  if (complaint !== undefined) throw unusable(path, complaint.trimEnd())
}

/** False when it is there already. */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, 0o700)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Undefined for what is not there. */
async function explained<T>(path: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP') return undefined
    throw unusable(path, code, error)
  }
}

function unusable(path: string, code: string, cause?: unknown): RunnerFault {
  return new RunnerFault(
    'place_unfit',
    `The files of a command could not be used (${code}): ${path}.`,
    "Its folder must be there with room on the disk, and the worker must be root or PHP's user.",
    { cause },
  )
}
