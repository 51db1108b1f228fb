/** The one way that a command goes, wherever it is run; the truth is in its files, the place is only asked. */
import { setTimeout as sleep } from 'node:timers/promises'
import { checkRunner } from './check-runner.ts'
import type { FileOwner } from '../folder/php-users.ts'
import { allCommands, commandsBelow, CommandFiles, type StopReason } from './command-files.ts'
import { CommandOutput } from './command-output.ts'
import { commandScript, unfit, type CommandPlace, type ScriptCall } from './command-place.ts'
import { CommandWatch } from './command-watch.ts'
import type { Runner, RunnerCheck, RunnerCommand, RunnerOptions, RunnerResult } from './runner.ts'
import { RunnerFault } from '../faults/runner-fault.ts'

export interface CommandRunnerOptions {
  /**
   * Holds what is known of the commands, made when missing in a folder that exists; the place of the commands sees it
   * too, and no web server does.
   */
  readonly filesFolder: string
  /** PHP's common user, who runs the commands that name nobody else, as this host's files know it. */
  readonly phpUser: FileOwner
  /** Takes secrets out of each line of output. */
  readonly redact?: (line: string) => string
  /** Of each stream that is kept from its beginning on; 8 MiB when left out. */
  readonly outputLimitBytes?: number
  /** From SIGTERM to SIGKILL; 5,000 when left out. */
  readonly stopGraceMs?: number
  /** For so long a running command is followed while its engine does not answer; 10,000 when left out. */
  readonly patienceMs?: number
}

interface Call {
  readonly command: RunnerCommand
  readonly options: RunnerOptions
  readonly files: CommandFiles
  readonly output: CommandOutput
  readonly leave: AbortSignal
}

const unchanged = (line: string): string => line

/** What a shell says of a command that SIGKILL ended. */
const killed = 137

export class CommandRunner implements Runner {
  readonly kind: Runner['kind']
  readonly #place: CommandPlace
  readonly #options: Required<CommandRunnerOptions>
  readonly #closing = new AbortController()

  constructor(kind: Runner['kind'], place: CommandPlace, options: CommandRunnerOptions) {
    this.kind = kind
    this.#place = place
    this.#options = {
      redact: unchanged,
      outputLimitBytes: 8_388_608,
      stopGraceMs: 5_000,
      patienceMs: 10_000,
      ...options,
    }
  }

  async run(command: RunnerCommand, options: RunnerOptions): Promise<RunnerResult> {
    const { signal, onOutput, outputFrom: from, redact: ofCommand = unchanged } = options
    const leave = AbortSignal.any([this.#closing.signal, ...(options.leave ? [options.leave] : [])])
    signal.throwIfAborted()
    leave.throwIfAborted()
    const files = this.#files(command.id, command.user)
    await files.prepare()
    const { outputLimitBytes: limitBytes, redact: ofRunner } = this.#options
    const redact = (line: string) => ofCommand(ofRunner(line))
    await using output = new CommandOutput({ files, from, limitBytes, redact, onOutput })
    const call: Call = { command, options, files, output, leave }
    try {
      const exitCode = (await this.#endedBefore(call)) ?? (await this.#follow(call))
      await output.finish()
      return { exitCode, timedOut: exitCode !== 0 && (await files.stopReason()) === 'timeout' }
    } catch (error) {
      if (!signal.aborted) throw error
      await this.#stop(files, 'cancel', leave, true)
      await output.finish()
      throw signal.reason
    }
  }

  async stop(id: string, signal: AbortSignal): Promise<void> {
    const files = this.#files(id)
    if (!(await files.exists())) return
    await this.#stop(files, 'cancel', AbortSignal.any([this.#closing.signal, signal]), true)
  }

  known(): Promise<readonly string[]> {
    return allCommands(this.#options.filesFolder)
  }

  async forget(prefix: string): Promise<void> {
    for (const id of await commandsBelow(this.#options.filesFolder, prefix)) await this.#files(id).remove()
  }

  async check(): Promise<RunnerCheck> {
    return checkRunner(this, this.#options.filesFolder)
  }

  /** Ends every call under way, and no command. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('The runner was closed.'))
    await this.#place[Symbol.asyncDispose]()
  }

  /** The exit code of a command that is over; undefined when it is to be run, or runs. */
  async #endedBefore({ command, options, files, leave }: Call): Promise<number | undefined> {
    const reason = await files.stopReason()
    // An earlier call may have ended between the signal and the proof.
    if (reason !== undefined) await this.#stop(files, reason, leave, false)
    if (reason === 'timeout') return (await files.lastExitCode()) ?? killed
    if (reason === 'cancel') await files.unbar()
    const exitCode = await files.exitCode()
    if (exitCode !== undefined || options.beforeAgain === undefined) return exitCode
    if ((await files.startedAt()) === undefined) return undefined
    const watch = this.#watch(command, files)
    if (await watch.runsElsewhere()) return undefined
    const lastExitCode = await files.lastExitCode()
    if (lastExitCode === undefined) await options.beforeAgain()
    return lastExitCode
  }

  async #follow({ command, options: { signal }, files, output, leave }: Call): Promise<number> {
    const watch = this.#watch(command, files)
    await watch.start()
    const ended = new AbortController()
    void watch.ended?.then(() => ended.abort())
    let wake = AbortSignal.any([signal, leave, ended.signal])
    // Who hears of the end looks for its output only.
    const longestMs = watch.ended === undefined ? 50 : 250
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, longestMs)) {
      await output.read()
      const exitCode = await files.exitCode()
      if (exitCode !== undefined) return exitCode
      signal.throwIfAborted()
      leave.throwIfAborted()
      if ((await watch.runningMs()) > command.timeLimitMs) {
        await this.#stop(files, 'timeout', leave, false)
        return (await files.lastExitCode()) ?? killed
      }
      if (!(await watch.runs())) {
        await output.finish()
        return (await files.lastExitCode()) ?? lost()
      }
      await sleep(pauseMs, undefined, { signal: wake }).catch(() => {})
      // That wakes once; should its files not say so, they are asked as before, and soon.
      if (ended.signal.aborted && wake.aborted) {
        wake = AbortSignal.any([signal, leave])
        pauseMs = 5
      }
    }
  }

  /**
   * Resolves with the proof that nothing of the command runs, and that nothing of it will start. Who is patient waits for
   * an engine that is away or a container that is paused; else that is a fault.
   */
  async #stop(files: CommandFiles, reason: StopReason, giveUp: AbortSignal, patient: boolean): Promise<void> {
    // A command that has ended may have left something running, and its exit code stays.
    if ((await files.exitCode()) === undefined) await files.bar(reason)
    const grace = String(Math.ceil(this.#options.stopGraceMs / 100))
    const args = commandScript('stop', this.#place.seen(files.folder), files.name, grace)
    for (;;) {
      giveUp.throwIfAborted()
      if (await this.#isStopped({ args, env: {}, user: await files.owner() }, patient)) return
      await sleep(1_000, undefined, { signal: giveUp }).catch(() => {})
    }
  }

  async #isStopped(script: ScriptCall, patient: boolean): Promise<boolean> {
    try {
      const code = await this.#place.ask(script)
      if (code > 1) throw unfit(code, this.#place)
      return code === 0
    } catch (error) {
      if (!(error instanceof RunnerFault)) throw error
      // No process outlives its container.
      if (error.reason === 'container_stopped' || error.reason === 'container_missing') return true
      if (!patient || error.reason === 'place_unfit') throw error
      return false
    }
  }

  #watch(command: RunnerCommand, files: CommandFiles): CommandWatch {
    const { patienceMs, outputLimitBytes } = this.#options
    return new CommandWatch({ place: this.#place, command, files, patienceMs, outputLimitBytes })
  }

  #files(id: string, user = this.#options.phpUser): CommandFiles {
    return new CommandFiles(this.#options.filesFolder, id, user)
  }
}

function lost(): never {
  throw new RunnerFault(
    'command_lost',
    'The command was killed together with what watched over it, so nobody knows how far it came.',
    'It is run again.',
  )
}
