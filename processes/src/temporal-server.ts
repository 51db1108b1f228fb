/**
 * The embedded Temporal: a dev server on a SQLite file of its own, kept alive. Every flag of it is in this file,
 * for `wikistead start`, tests and benchmarks alike.
 */
import { existsSync } from 'node:fs'
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js'
import { openDataFolder } from './data-folder.ts'
import { chooseFreePort, isFreePort } from './free-port.ts'
import { giveFolder } from './give-folder.ts'
import { canHaveOwnNet } from './rooms/own-net.ts'
import { openOwnersDoor } from './rooms/owners-door.ts'
import { endRecordedProcess } from './pid-file.ts'
import type { User } from './rooms/room.ts'
import { SetupError } from './setup-error.ts'
import { superviseChild, type ChildState } from './supervised-child.ts'

export interface TemporalServerOptions {
  /** The `temporal` command; see `findTemporalCli`. */
  readonly cli: string
  /** Of the server alone; made when missing, locked. */
  readonly folder: string
  /** Default: the one used before in this folder, else a free one. */
  readonly port?: number
  /** Default `127.0.0.1`. */
  readonly ip?: string
  /** Whom it runs as, default whoever calls this; takes root. It gets its database, in a folder within the folder. */
  readonly user?: User
  /** Only our own user and root get in, where this system can have it so; default false: whoever is on this machine. */
  readonly closed?: boolean
  /** Lines for a person, e.g. that the port of the last time is taken. */
  readonly onNote?: (line: string) => void
  readonly onChange?: (state: ChildState) => void
}

export interface TemporalServer extends AsyncDisposable {
  /** `ip:port`, the same over restarts. */
  readonly address: string
  /** Whether only our own user and root get in. */
  readonly isClosed: boolean
  readonly state: ChildState
  readonly logFile: string
  /** End workers and clients first: a worker that loses its server takes long to leave. May be called twice. */
  stop(): Promise<void>
}

const namespace = 'default'
/** In a network of its own, where nobody else is. */
const innerPort = 7233
const retentionMs = 30 * 24 * 60 * 60 * 1_000

/**
 * Resolves when the server answers.
 *
 * @throws SetupError when the folder is in use or the wanted port is taken.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { cli, ip = '127.0.0.1', onChange } = options
  using started = new DisposableStack()
  const folder = started.use(openDataFolder(options.folder))
  const logFile = join(folder.path, 'temporal.log')
  const pidFile = join(folder.path, 'temporal.pid')
  // A server that a killed predecessor left has our port.
  await endRecordedProcess(pidFile)
  const home = await homeOf(folder.path, options.user)
  const databaseFile = join(home, databaseName)
  const port = await choosePort(folder.path, ip, options)
  const address = `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
  const socket = temporalSocket(folder.path)
  const net = options.closed === true && canHaveOwnNet(socket) ? { socket, port: innerPort } : undefined
  await using opened = new AsyncDisposableStack()
  if (net === undefined) await rm(socket, { force: true })
  else opened.use(await openOwnersDoor({ ip, port, socket }))
  const child = await superviseChild({
    name: 'the Temporal server',
    command: cli,
    args: serverArguments(ip, net?.port ?? port),
    ...(net && { net }),
    cwd: home,
    // No TEMPORAL_* variable and no profile of the operator's reaches it.
    env: { HOME: home },
    ...(options.user && { as: { ...options.user, sees: [home, cli] } }),
    logFile,
    pidFile,
    ready: (signal) => answers({ ip, port, address, databaseFile, signal }),
    ...(onChange && { onChange }),
  })
  const held = started.move()
  const door = opened.move()
  const stop = async () => {
    await child.stop()
    await door.disposeAsync()
    held.dispose()
  }
  return {
    address,
    isClosed: net !== undefined,
    logFile,
    get state() {
      return child.state
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const databaseName = 'temporal.db'

/** The way to a closed server, in its folder; not there while it is open. */
export const temporalSocket = (folder: string): string => join(folder, 'temporal.sock')

/** Where its database is: it writes there, and our files beside it are none of a user's of its own. */
async function homeOf(folder: string, user: User | undefined): Promise<string> {
  const home = join(folder, 'own')
  if (user === undefined) return existsSync(join(home, databaseName)) ? home : folder
  if (!existsSync(join(home, databaseName))) {
    await mkdir(home, { recursive: true, mode: 0o700 })
    // What it had as root comes along; the database last, so that a broken-off move is gone on with.
    for (const end of ['-wal', '-shm', '']) {
      const file = `${databaseName}${end}`
      if ((await lstat(home)).uid === 0 && existsSync(join(folder, file)))
        await rename(join(folder, file), join(home, file))
    }
  }
  await giveFolder(home, user)
  return home
}

/** One shard read at most 20 times a second, and one start in a hundred 2 s late, are the defaults these mend. */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 200,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'history.timerProcessorMaxTimeShift': '"20ms"',
}

/** Temporal behind the store only repeats idempotent work, so the quicker `synchronous` will do. */
const sqlitePragmas = { journal_mode: 'WAL', synchronous: 'NORMAL' }

/** The database is named as its folder has it: Temporal makes a URI of the name, in which `?`, `#` and `%` mean something. */
function serverArguments(ip: string, port: number): string[] {
  return [
    ...['server', 'start-dev', '--headless', '--log-level', 'warn'],
    ...['--ip', ip, '--port', String(port), '--db-filename', databaseName],
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...Object.entries(sqlitePragmas).flatMap(([key, value]) => ['--sqlite-pragma', `${key}=${value}`]),
  ]
}

async function choosePort(
  folder: string,
  ip: string,
  { port, onNote }: TemporalServerOptions,
): Promise<number> {
  const file = join(folder, 'port')
  if (port !== undefined) {
    if (!(await isFreePort(port, ip))) {
      throw new SetupError(
        `port ${port}, wanted for Temporal, is taken by another program; find it with "ss -ltnp sport = :${port}" ` +
          'and stop it, or choose another port',
      )
    }
    return port
  }
  const before = Number(await readFile(file, 'utf8').catch(() => ''))
  if (before > 0 && (await isFreePort(before, ip))) return before
  const chosen = await chooseFreePort(ip)
  if (before > 0)
    onNote?.(`port ${before}, Temporal's until now, is taken by another program; it is ${chosen} now`)
  await writeFile(file, String(chosen), { mode: 0o600 })
  return chosen
}

interface Probe {
  readonly ip: string
  readonly port: number
  readonly address: string
  readonly databaseFile: string
  readonly signal: AbortSignal
}

/** Resolves when the server on our file answers at our address and keeps closed workflows for 30 days. */
async function answers({ ip, port, address, databaseFile, signal }: Probe): Promise<void> {
  for (; ; await sleep(20, undefined, { signal })) {
    signal.throwIfAborted()
    // Knocking first is quicker: a gRPC channel that was refused waits a second.
    if (!(await accepts(port, ip))) continue
    const connection = await Connection.connect({ address, connectTimeout: '2s' }).catch(() => undefined)
    if (connection === undefined) continue
    try {
      if (await isOurs(connection, databaseFile)) return await keepForThirtyDays(connection)
    } catch {
      // Listening, but its services are not up yet.
    } finally {
      await connection.close()
    }
  }
}

/** Another Temporal may have taken the port first; only ours knows the id that our file gave its namespace. */
async function isOurs({ workflowService }: Connection, databaseFile: string): Promise<boolean> {
  // A user of its own could have put anything in its place.
  if (!(await lstat(databaseFile).catch(() => undefined))?.isFile()) return false
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace })
  const database = new DatabaseSync(databaseFile, { readOnly: true, timeout: 1_000 })
  try {
    const row = database.prepare('SELECT hex(id) AS id FROM namespaces WHERE name = ?').get(namespace)
    return row !== undefined && row['id'] === namespaceInfo?.id?.replaceAll('-', '').toUpperCase()
  } finally {
    database.close()
  }
}

async function keepForThirtyDays({ workflowService }: Connection): Promise<void> {
  const { config } = await workflowService.describeNamespace({ namespace })
  const kept = config?.workflowExecutionRetentionTtl
  if (kept != null && tsToMs(kept) === retentionMs) return
  const workflowExecutionRetentionTtl = msNumberToTs(retentionMs)
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } })
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const answer = (accepted: boolean) => () => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', answer(true)).once('error', answer(false))
  })
}
