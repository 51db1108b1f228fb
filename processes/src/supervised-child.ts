/**
 * A child process that is kept alive: started, waited for until it answers, started again when it dies, and gone
 * for certain when this process is gone. Three nets hold the last: `stop()`, the lifeline of
 * `run-under-lifeline.sh` (this process was killed), and the pid file (the lifeline's watch was killed too: the
 * next start ends the orphan first).
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { endRecordedProcess, recordProcess } from './pid-file.ts'
import type { OwnNet } from './rooms/own-net.ts'
import { startProcessGroup, type ProcessGroup } from './process-group.ts'
import type { RoomOf } from './rooms/room.ts'

export interface ChildOptions {
  /** How messages call it, e.g. `the farm`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** The child's whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Standard output and error, appended, mode 0600. */
  readonly logFile: string
  /** Whom it runs as; default whoever calls this. Takes root. Its log and pid file stay ours: their folder must be, too. */
  readonly as?: RoomOf
  /** A network of its own; default ours. See `canHaveOwnNet`. */
  readonly net?: OwnNet
  /** Where the running process is recorded for a successor; default `<logFile>.pid`. One child a file. */
  readonly pidFile?: string
  /** Resolves when the child answers. Aborted when the child ends, is stopped, or the time is over. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  /** Default 60,000. */
  readonly readyTimeoutMs?: number
  /** From SIGTERM to SIGKILL; default 5,000. */
  readonly stopGraceMs?: number
  /** Start it again when it ends; default true, after 0.1 s to 10 s. */
  readonly restart?: boolean
  readonly onChange?: (state: ChildState) => void
}

export interface ChildState {
  readonly kind: 'starting' | 'ready' | 'restarting' | 'stopped'
  readonly pid?: number
  readonly restarts: number
  /** How the last run ended, e.g. `signal SIGKILL`. */
  readonly lastExit?: string
}

export interface SupervisedChild extends AsyncDisposable {
  readonly state: ChildState
  /** Ends the child and its whole process group; may be called twice. */
  stop(): Promise<void>
}

/**
 * Ends what a killed predecessor left, then resolves when the child is first ready; rejects with the end of its
 * log when it ends or times out before that.
 */
export async function superviseChild(options: ChildOptions): Promise<SupervisedChild> {
  const child = new RestartedChild(options)
  await child.start()
  return child
}

const firstDelayMs = 100
const longestDelayMs = 10_000

class RestartedChild implements SupervisedChild {
  readonly #options: ChildOptions
  readonly #pidFile: string
  readonly #graceMs: number
  readonly #stopping = new AbortController()
  #state: ChildState = { kind: 'starting', restarts: 0 }
  #keptAlive: Promise<void> = Promise.resolve()

  constructor(options: ChildOptions) {
    this.#options = options
    this.#pidFile = options.pidFile ?? `${options.logFile}.pid`
    this.#graceMs = options.stopGraceMs ?? 5_000
  }

  get state(): ChildState {
    return this.#state
  }

  async start(): Promise<void> {
    await endRecordedProcess(this.#pidFile, this.#graceMs)
    let group: ProcessGroup
    try {
      group = await this.#startUntilReady()
    } catch (error) {
      this.#change({ kind: 'stopped' })
      await endRecordedProcess(this.#pidFile)
      throw error
    }
    this.#keptAlive = this.#keepAlive(group)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#keptAlive
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #keepAlive(first: ProcessGroup): Promise<void> {
    const stopping = this.#stopping.signal
    let group: ProcessGroup | undefined = first
    let delayMs = firstDelayMs
    let upSince = performance.now()
    while (group !== undefined) {
      const lastExit = await this.#endedOrStopped(group)
      if (stopping.aborted || this.#options.restart === false) {
        this.#change({ kind: 'stopped', lastExit })
        break
      }
      // A child that stayed up earns a quick restart again.
      if (performance.now() - upSince > longestDelayMs) delayMs = firstDelayMs
      this.#change({ kind: 'restarting', lastExit })
      group = undefined
      while (group === undefined && !stopping.aborted) {
        await sleep(delayMs, undefined, { signal: stopping }).catch(() => {})
        delayMs = Math.min(delayMs * 2, longestDelayMs)
        if (stopping.aborted) break
        // Its reasons are in the log; `lastExit` says how it ended.
        group = await this.#startUntilReady().catch(() => undefined)
        upSince = performance.now()
      }
      if (group === undefined) this.#change({ kind: 'stopped' })
    }
    await endRecordedProcess(this.#pidFile)
  }

  async #endedOrStopped(group: ProcessGroup): Promise<string> {
    const stop = () => void group.end(this.#graceMs)
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    if (this.#stopping.signal.aborted) stop()
    const exit = await group.exited
    this.#stopping.signal.removeEventListener('abort', stop)
    return exit
  }

  async #startUntilReady(): Promise<ProcessGroup> {
    const { name, command, args, logFile, ready, readyTimeoutMs = 60_000 } = this.#options
    const group = await startProcessGroup(this.#options)
    await recordProcess(this.#pidFile, group.pid, [command, ...args].join(' '))
    const again = this.#state.kind === 'restarting'
    const restarts = this.#state.restarts + (again ? 1 : 0)
    this.#change({ kind: again ? 'restarting' : 'starting', pid: group.pid, restarts })
    const over = new AbortController()
    const timeUp = setTimeout(
      () => over.abort(new Error(`no answer within ${readyTimeoutMs / 1_000} s`)),
      readyTimeoutMs,
    )
    const signal = AbortSignal.any([over.signal, this.#stopping.signal])
    try {
      await Promise.race([ready(signal), group.exited.then(ended), aborted(signal)])
    } catch (error) {
      await group.end(this.#graceMs)
      this.#change({ kind: this.#state.kind, lastExit: await group.exited })
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`${name} did not start: ${why}\n${await endOfLog(logFile)}`, { cause: error })
    } finally {
      clearTimeout(timeUp)
      over.abort()
    }
    this.#change({ kind: 'ready', pid: group.pid })
    return group
  }

  /** A pid holds for one state only; the count and the last exit stay. */
  #change(next: Pick<ChildState, 'kind'> & Partial<ChildState>): void {
    const { restarts, lastExit } = this.#state
    this.#state = Object.freeze({ restarts, ...(lastExit !== undefined && { lastExit }), ...next })
    this.#options.onChange?.(this.#state)
  }
}

function ended(exit: string): never {
  throw new Error(`it ended with ${exit}`)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error)
    if (signal.aborted) fail()
    signal.addEventListener('abort', fail, { once: true })
  })
}

async function endOfLog(file: string): Promise<string> {
  const log = await readFile(file, 'utf8')
  return log.trimEnd().split('\n').slice(-20).join('\n')
}
