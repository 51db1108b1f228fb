/**
 * Under root each of our children is a system user of its own: whoever takes one over reaches what is that one's, and neither
 * the store nor another child. Where that cannot be, it runs as root as it always did, and says so.
 */
import { execFile } from 'node:child_process'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { canMakeRooms, layOut, whatKeepsFrom, type RoomOf } from '@wikistead/processes'
import type { FastifyBaseLogger } from 'fastify'
import { findUser, type SystemUser } from '../parts/system-user.ts'

type Child = 'the FedWiki farm' | 'Temporal' | 'MariaDB' | 'PHP' | 'the hub’s PHP'

export interface ChildUser extends SystemUser {
  readonly name: string
}

export interface ChildPlan {
  /** Undefined where it runs as this process does. */
  readonly user?: ChildUser
  /** Why it runs as root, and what mends that. */
  readonly trouble?: { readonly what: string; readonly mend: string }
}

export interface PlannedChild {
  readonly child: Child
  /** The setting, and what it says. */
  readonly setting: string
  readonly name: string
  /** Below closed folders: what the child must get to. What is not there yet will be. */
  readonly sees: readonly string[]
  /** In these, what it must be able to read. */
  readonly reads?: readonly string[]
  /** Below the data folder; see `ChildOptions.pidFile`. */
  readonly pidFile: string
}

/** By these names we make them; another name is the operator's, who makes its user. */
export const ourUsers = {
  farm: 'wikistead-farm',
  temporal: 'wikistead-temporal',
  mariadb: 'wikistead-mariadb',
  php: 'wikistead-php',
  hub: 'wikistead-hub',
} as const

export const isRoot = (): boolean => process.getuid?.() === 0

/** Makes the user when it is missing. Anybody but root runs all children as themselves. */
export async function provideChildUser(
  planned: PlannedChild,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<ChildUser | undefined> {
  const { user, trouble } = await planChildUser(planned, makeUser)
  if (trouble !== undefined) {
    logger.warn(
      { child: planned.child, mend: trouble.mend },
      `${planned.child} runs as root: ${trouble.what}`,
    )
  }
  return user
}

/** @param missing what is done about a user that is ours to make, and is not there */
export async function planChildUser(
  { setting, name, sees, reads = [] }: PlannedChild,
  missing: (name: string) => Promise<SystemUser | undefined>,
): Promise<ChildPlan> {
  if (!isRoot()) return {}
  const ours = Object.values<string>(ourUsers).includes(name)
  const found = (await findUser(name)) ?? (ours ? await missing(name) : undefined)
  if (found === undefined) {
    return ours
      ? trouble(`there is no user ${name}, and none could be made`, `Run: ${makingUser(name).join(' ')}`)
      : trouble(`this machine has no user ${name}`, `Make it, or name another with ${setting}.`)
  }
  // Who says so wants it so.
  if (found.uid === 0) return {}
  const room: RoomOf = { ...found, sees }
  if (layOut(room).hide.length > 0 && !canMakeRooms()) {
    return trouble(
      `${name} cannot get to ${layOut(room).show[0] ?? 'its folder'}, and this machine lets nobody mount (unshare and mount of util-linux, CAP_SYS_ADMIN)`,
      'Run Wikistead as a user that is not root, which a container can be told to, or let it mount.',
    )
  }
  for (const file of reads) {
    const keeping = whatKeepsFrom(file, room)
    if (keeping !== undefined) {
      return trouble(`${name} is kept from ${file}`, `Let others read it: chmod -R a+rX ${keeping}`)
    }
  }
  return { user: { ...found, name } }
}

const trouble = (what: string, mend: string): ChildPlan => ({ trouble: { what, mend } })

const triesToMake = 20

async function makeUser(name: string): Promise<SystemUser | undefined> {
  const [command = '', ...args] = makingUser(name)
  for (let tries = 0; tries < triesToMake; tries += 1) {
    const failure = await promisify(execFile)(command, args, { env: { PATH: systemPath } }).then(
      () => undefined,
      (error: unknown) => error as NodeJS.ErrnoException,
    )
    const found = await findUser(name)
    if (found !== undefined) return found
    // Another one may be at the list of users: 1 says that it is locked.
    if (failure?.code === undefined || ![1, 10].includes(Number(failure.code))) return undefined
    await sleep(100)
  }
  return undefined
}

const makingUser = (name: string): readonly string[] => [
  ...['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'],
  ...['--shell', '/usr/sbin/nologin', name],
]

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
