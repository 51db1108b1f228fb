/**
 * A container as the place of commands. Every exec is detached: an attached one is told a wrong exit code once its
 * client is gone, of a detached one the engine tells the truth.
 */
import type { Agent } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { CommandRunnerOptions } from './command-runner.ts'
import type { CommandPlace, ScriptCall, StartedScript } from './command-place.ts'
import { containerFault, engineFault, restarted, type EngineWords } from './engine-fault.ts'
import { pathInContainer, type PathMapping } from './path-map.ts'
import { RunnerFault } from '../faults/runner-fault.ts'

export interface ContainerOptions {
  /** Its name or id. */
  readonly container: string
  /** Where the container sees folders of this host; must hold the wikis' folders and the folder for commands' files. */
  readonly pathMap: readonly PathMapping[]
  /** Whom everything runs as, as the container knows them; each command's own user when left out. */
  readonly containerUser?: string
}

interface EnginePlaceOptions extends ContainerOptions, Pick<CommandRunnerOptions, 'phpUser'> {
  readonly docker: Docker
  readonly agent: Agent
  readonly words: EngineWords
}

/** Of one request; the engine answers in milliseconds. */
const requestMs = 10_000
/** Of a script that is to be done in seconds. */
const askMs = 60_000

export class EnginePlace implements CommandPlace {
  readonly isHere = false
  readonly #options: EnginePlaceOptions
  readonly #container: Docker.Container

  constructor(options: EnginePlaceOptions) {
    this.#options = options
    this.#container = options.docker.getContainer(options.container)
  }

  seen(folder: string): string {
    return pathInContainer(folder, this.#options.pathMap)
  }

  async start(script: ScriptCall): Promise<StartedScript> {
    const exec = await this.#start(script)
    return {
      look: async () => {
        await this.#requireRunning()
        return this.#lookAt(exec)
      },
    }
  }

  async ask(script: ScriptCall): Promise<number> {
    const exec = await this.#start(script)
    const deadline = performance.now() + askMs
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
      const state = await this.#lookAt(exec)
      // A container that is stopped ends its scripts with any code.
      if (typeof state === 'number' && state < signalled) return state
      await this.#requireRunning()
      if (state !== 'running' || performance.now() > deadline) throw this.#noAnswer()
      await sleep(pauseMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.agent.destroy()
  }

  async #start({ args, env, user }: ScriptCall): Promise<Docker.Exec> {
    const exec = await this.#request((abortSignal) =>
      this.#container.exec({
        Cmd: ['sh', ...args],
        Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        User: this.#options.containerUser ?? `${String(user.uid)}:${String(user.gid)}`,
        abortSignal,
      }),
    )
    const answer = await this.#request((abortSignal) => exec.start({ Detach: true, abortSignal }))
    answer.destroy()
    return exec
  }

  async #lookAt(exec: Docker.Exec): Promise<number | 'running' | 'unknown'> {
    const found = await this.#request(async (abortSignal) => {
      try {
        return await exec.inspect({ abortSignal })
      } catch (error) {
        // The engine was started anew and has forgotten it; the process may live.
        if ((error as { statusCode?: number }).statusCode === 404) return undefined
        throw error
      }
    })
    if (found === undefined) return 'unknown'
    return found.Running || found.ExitCode === null ? 'running' : found.ExitCode
  }

  async #requireRunning(): Promise<void> {
    const { State } = await this.#request((abortSignal) => this.#container.inspect({ abortSignal }))
    const fault = containerFault(State, this.#options.container)
    if (fault !== undefined) throw fault
  }

  async #request<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await act(AbortSignal.timeout(requestMs))
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  async #explain(error: unknown): Promise<RunnerFault> {
    const { words, container } = this.#options
    const fault = engineFault(error, words, container)
    if (fault !== undefined) return fault
    // The engine speaks of the container's state; ask for it, as its words differ between versions.
    try {
      const { State } = await this.#container.inspect({ abortSignal: AbortSignal.timeout(requestMs) })
      const refused = (error as { statusCode?: number }).statusCode === 409
      return containerFault(State, container) ?? (refused ? restarted(container) : this.#noAnswer(error))
    } catch (second) {
      return engineFault(second, words, container) ?? this.#noAnswer(second)
    }
  }

  #noAnswer(cause?: unknown): RunnerFault {
    const { name, mendAway } = this.#options.words
    return new RunnerFault('engine_away', `${name} does not answer as it should.`, mendAway, { cause })
  }
}

/** From here on an exit code tells of a signal. */
const signalled = 128
