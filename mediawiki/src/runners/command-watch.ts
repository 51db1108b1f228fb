/** Starts a command and asks, now and then, whether it still runs. */
import { performance } from 'node:perf_hooks'
import type { CommandFiles } from './command-files.ts'
import { commandScript, isUnfit, unfit, type CommandPlace, type StartedScript } from './command-place.ts'
import type { RunnerCommand } from './runner.ts'
import { RunnerFault } from '../faults/runner-fault.ts'

export interface CommandWatchOptions {
  readonly place: CommandPlace
  readonly command: RunnerCommand
  readonly files: CommandFiles
  readonly outputLimitBytes: number
  /** An engine that is away for less is not asked about. */
  readonly patienceMs: number
}

export class CommandWatch {
  readonly #options: CommandWatchOptions
  readonly #startedAt = performance.now()
  /** The script that this call started; undefined when the one that runs the command is another's, or forgotten. */
  #script: StartedScript | undefined
  #lookMs = 50
  #nextLook = 0
  #awaySince: number | undefined

  constructor(options: CommandWatchOptions) {
    this.#options = options
  }

  /** Harmless when the command runs, or ran: the script sees to that. */
  async start(): Promise<void> {
    const { place, command, files, outputLimitBytes } = this.#options
    const blocks = String(Math.ceil(outputLimitBytes / 512))
    const [folder, ...rest] = [place.seen(command.folder), blocks, ...command.argv]
    const args = commandScript('run', place.seen(files.folder), files.name, folder, ...rest)
    this.#script = await place.start({ args, env: command.env ?? {}, user: await files.owner() })
    this.#nextLook = performance.now() + this.#lookMs
  }

  /** Resolves when the script that this call started has ended; undefined when nobody would hear of it. */
  get ended(): Promise<void> | undefined {
    return this.#script?.ended
  }

  /** Since its beginning, which may be earlier than ours. */
  async runningMs(): Promise<number> {
    if (this.#script !== undefined) return performance.now() - this.#startedAt
    const startedAt = await this.#options.files.startedAt()
    return startedAt === undefined ? 0 : Date.now() - startedAt
  }

  /**
   * False only with proof; then its exit code is in the files, or lost.
   * @throws RunnerFault when there is no telling
   */
  async runs(): Promise<boolean> {
    const now = performance.now()
    if (now < this.#nextLook) return true
    try {
      const runs = await this.#look()
      this.#awaySince = undefined
      return runs
    } catch (error) {
      if (!(error instanceof RunnerFault) || error.reason !== 'engine_away') throw error
      this.#awaySince ??= now
      if (now - this.#awaySince > this.#options.patienceMs) throw error
      return true
    } finally {
      this.#lookMs = Math.min(this.#lookMs * 2, 1_000)
      this.#nextLook = performance.now() + this.#lookMs
    }
  }

  /** Whether it runs although this call has not started it. */
  async runsElsewhere(): Promise<boolean> {
    const { place, files } = this.#options
    const args = commandScript('look', place.seen(files.folder), files.name)
    const code = await place.ask({ args, env: {}, user: await files.owner() })
    if (code > 1) throw unfit(code, place)
    return code === 1
  }

  async #look(): Promise<boolean> {
    const state = (await this.#script?.look()) ?? 'unknown'
    if (state === 'running') return true
    this.#script = undefined
    if (state === 0) return false
    if (state !== 'unknown' && isUnfit(state)) throw unfit(state, this.#options.place)
    return this.runsElsewhere()
  }
}
