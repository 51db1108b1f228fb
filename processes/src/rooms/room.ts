/**
 * A command as another user, which takes root. The data folder is closed to everybody, and often so are folders above it: what
 * that user needs of them it finds in a room of its own, a mount namespace in which they hold nothing else.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tool } from '../system-tool.ts'

export interface User {
  readonly uid: number
  readonly gid: number
}

/** Whom a command runs as, and the files and folders that it must get to beyond the system's: absolute, at most seven. */
export interface RoomOf extends User {
  readonly sees: readonly string[]
  /** Programs that it starts may change the user, as `sendmail` does; default false. */
  readonly maySetuid?: boolean
}

export interface Mode extends User {
  /** As `stat` gives it. */
  readonly mode: number
}

export type ReadMode = (path: string) => Mode

/** What is not there yet is closed to nobody. */
const readMode: ReadMode = (path) =>
  statSync(path, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0, mode: 0o755 }

const runInRoom = fileURLToPath(new URL('run-in-room.sh', import.meta.url))
const mostShown = 7

/** The command line that runs this one as that user, for a process that is root. */
export function commandAs(
  room: RoomOf,
  command: readonly string[],
  folder = '/',
): readonly [string, ...string[]] {
  const { hide, show } = layOut(room)
  const become = [
    ...[tool('setpriv'), `--reuid=${String(room.uid)}`, `--regid=${String(room.gid)}`, '--clear-groups'],
    ...[...(room.maySetuid === true ? [] : ['--no-new-privs']), '--', ...command],
  ] as [string, ...string[]]
  if (hide.length === 0) return become
  return [
    ...[tool('unshare'), '--mount', '--propagation', 'private', '--', '/bin/sh', runInRoom],
    ...hide.flatMap((path) => ['hide', path]),
    ...show.flatMap((path) => ['show', path]),
    ...['in', folder, 'as', ...become],
  ] as [string, ...string[]]
}

/** @throws Error as `execFile` does */
export async function runAs(
  room: RoomOf,
  command: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<{ readonly stdout: string }> {
  const [file, ...args] = commandAs(room, command, options.cwd)
  return promisify(execFile)(file, args, { env: options.env ?? {}, cwd: options.cwd ?? '/' })
}

export interface Layout {
  /** Folders that the user cannot walk through, none below another. */
  readonly hide: readonly string[]
  /** What is below those, none below another. */
  readonly show: readonly string[]
}

/** What must be hidden and shown; nothing where the user gets to all of it anyway. @throws RangeError for too much */
export function layOut({ sees, ...user }: RoomOf, read: ReadMode = readMode, real = realPath): Layout {
  const paths = outermost(sees.flatMap((path) => [path, real(path)]))
  const closed = paths.flatMap((path) => closedFolderBefore(path, user, read) ?? [])
  const hide = outermost(closed)
  const show = paths.filter((path) => hide.some((folder) => isBelow(path, folder)))
  if (show.length > mostShown) throw new RangeError(`A user is shown ${String(mostShown)} paths at most`)
  return { hide, show }
}

/** The first folder on the way to a path that this user cannot walk through. */
export function closedFolderBefore(path: string, user: User, read: ReadMode = readMode): string | undefined {
  return foldersAbove(path).find((folder) => !may(user, read(folder), 0o1))
}

/** What keeps the user from reading a file that it is shown, or that is in what it is shown. */
export function whatKeepsFrom(
  file: string,
  { sees, ...user }: RoomOf,
  read: ReadMode = readMode,
): string | undefined {
  const shown = (path: string) => sees.some((each) => path === each || isBelow(path, each))
  const closed = foldersAbove(file).find((folder) => shown(folder) && !may(user, read(folder), 0o1))
  return closed ?? (may(user, read(file), 0o4) ? undefined : file)
}

/** From the root down, without the root. */
function foldersAbove(path: string): readonly string[] {
  const above: string[] = []
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) above.unshift(folder)
  return above
}

/** Whether the user has these rights (4 read, 2 write, 1 walk or run), by the mode alone. */
function may(user: User, { uid, gid, mode }: Mode, rights: number): boolean {
  const shift = user.uid === uid ? 6 : user.gid === gid ? 3 : 0
  return user.uid === 0 || ((mode >> shift) & rights) === rights
}

let roomsCanBeMade: boolean | undefined

/** Whether this process may make rooms: many containers do not let it. */
export function canMakeRooms(): boolean {
  roomsCanBeMade ??= tryRoom()
  return roomsCanBeMade
}

function tryRoom(): boolean {
  const command = [
    '--mount',
    '--propagation',
    'private',
    '--',
    tool('mount'),
    '-t',
    'tmpfs',
    'wikistead',
    tmpdir(),
  ]
  try {
    execFileSync(tool('unshare'), command, { stdio: 'ignore', env: {}, timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

function outermost(paths: readonly string[]): readonly string[] {
  const all = [...new Set(paths)]
  return all.filter((path) => !all.some((other) => isBelow(path, other)))
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}
