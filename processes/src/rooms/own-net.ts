/** A command with a network of its own, in which nothing is but what it starts, and one way in: a socket in a folder. */
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { User } from './room.ts'
import { tool } from '../system-tool.ts'

export interface OwnNet {
  /** The path of the way in: whoever may write there gets to the command's port. */
  readonly socket: string
  /** Of 127.0.0.1 in that network. */
  readonly port: number
}

const runInOwnNet = fileURLToPath(new URL('run-in-own-net.sh', import.meta.url))
const relay = fileURLToPath(new URL('net-relay.ts', import.meta.url))
/** Of the path of a socket; the kernel takes 107. */
const longestPath = 100

/** The command line that runs this one. @param user whom the relay becomes when it has its socket, default nobody else */
export function inOwnNet(
  { socket, port }: OwnNet,
  command: readonly string[],
  user: User | undefined,
): readonly string[] {
  const become = user === undefined ? '' : `${String(user.uid)}:${String(user.gid)}`
  const ours = [tool('ip'), process.execPath, relay, socket, String(port), become]
  return [...unshareNet(), '/bin/sh', runInOwnNet, ...ours, ...command]
}

let canBeMade: boolean | undefined

/** Whether this process may give its children networks; not all systems let users who are not root. */
export function canHaveOwnNet(socket: string): boolean {
  return socket.length <= longestPath && (canBeMade ??= tryOwnNet())
}

function tryOwnNet(): boolean {
  if (process.platform !== 'linux') return false
  const [command, ...args] = [...unshareNet(), tool('ip'), 'link', 'set', 'lo', 'up'] as const
  try {
    execFileSync(command, args, { stdio: 'ignore', env: {}, timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

/** Root may; anybody else is root in a user namespace of their own first, with no right outside of it. */
const unshareNet = (): [string, ...string[]] => [
  tool('unshare'),
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--net', '--'],
]
