/** One run of a command as the leader of its own process group, which ends when this process ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inOwnNet, type OwnNet } from './rooms/own-net.ts'
import { commandAs, type RoomOf } from './rooms/room.ts'

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  /** Appended to, mode 0600; put aside as `<logFile>.old` when it has passed 10 MB at a start. */
  readonly logFile: string
  /** Whom it runs as; default whoever calls this. Takes root. */
  readonly as?: RoomOf
  /** A network of its own; default ours. See `canHaveOwnNet`. */
  readonly net?: OwnNet
}

export interface ProcessGroup {
  /** Of the command itself, which leads its group. */
  readonly pid: number
  /** Resolves when the command has ended and what was left of its group was killed, e.g. `exit code 1`. */
  readonly exited: Promise<string>
  /** SIGTERM to the group, SIGKILL after `graceMs`. */
  end(graceMs: number): Promise<void>
}

const runUnderLifeline = fileURLToPath(new URL('run-under-lifeline.sh', import.meta.url))
const maximumLogBytes = 10_000_000

export async function startProcessGroup(command: Command): Promise<ProcessGroup> {
  await using log = await openLog(command.logFile)
  const line = [command.command, ...command.args]
  const asUser = command.as === undefined ? line : commandAs(command.as, line, command.cwd)
  const run = command.net === undefined ? asUser : inOwnNet(command.net, asUser, command.as)
  const child = spawn('/bin/sh', [runUnderLifeline, ...run], {
    ...(command.cwd !== undefined && { cwd: command.cwd }),
    env: command.env,
    // The pipe to standard input is the lifeline: it closes when this process ends, however it ends.
    stdio: ['pipe', log.fd, log.fd],
    detached: true,
  })
  child.stdin?.on('error', () => {})
  await once(child, 'spawn')
  const pid = child.pid as number
  let running = true
  const exited = once(child, 'exit').then(([code, signal]) => {
    running = false
    // The group's number cannot have been given away: its watch lives in it until this signal.
    signalGroup(pid, 'SIGKILL')
    return signal === null ? `exit code ${String(code)}` : `signal ${String(signal)}`
  })
  return {
    pid,
    exited,
    async end(graceMs) {
      if (!running) return
      signalGroup(pid, 'SIGTERM')
      const grace = new AbortController()
      const late = sleep(graceMs, undefined, { signal: grace.signal }).then(
        () => signalGroup(pid, 'SIGKILL'),
        () => {},
      )
      await exited
      grace.abort()
      await late
    },
  }
}

/** Sends the signal to every process of the group; false when there is none. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

async function openLog(file: string) {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size > maximumLogBytes) await rename(file, `${file}.old`)
  const handle = await open(file, 'a', 0o600)
  await handle.chmod(0o600)
  return handle
}
