/** A process of the drill that can be killed outright, and lives again when it is told to. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  superviseChild,
  type ChildOptions,
  type ChildState,
  type SupervisedChild,
} from '@wikistead/processes'

export interface Mortal {
  readonly name: string
  /** SIGKILL to the whole group. Resolves when it is dead. */
  kill(): Promise<void>
  /** Resolves when it answers again; tries until then, as an operator's supervisor does. */
  revive(): Promise<void>
}

export type ProcessOptions = Omit<ChildOptions, 'restart' | 'onChange' | 'name'>

const startAgainMs = 1_000

/** Stays dead after `kill`; who dies by itself is started again, and that is counted. */
export class Process implements Mortal, AsyncDisposable {
  readonly name: string
  #options: ProcessOptions
  #child: SupervisedChild | undefined
  #wanted = false
  #ownDeaths = 0

  constructor(name: string, options: ProcessOptions) {
    this.name = name
    this.#options = options
  }

  /** How often it ended though nobody had told it to. */
  get ownDeaths(): number {
    return this.#ownDeaths
  }

  /** Starts it; rejects when it does not come up. */
  async start(ready = this.#options.ready): Promise<void> {
    this.#wanted = true
    const child = await superviseChild({
      ...{ name: this.name, restart: false, ...this.#options, ready },
      onChange: ({ kind }) => {
        if (kind === 'stopped' && this.#wanted && this.#child !== undefined) void this.#startAgain()
      },
    })
    this.#child = child
  }

  /** From its next start on it is another program, e.g. that of another release. */
  become(options: Partial<ProcessOptions>): void {
    this.#options = { ...this.#options, ...options }
  }

  async kill(): Promise<void> {
    this.#wanted = false
    const pid = this.#child?.state.pid
    if (pid === undefined) return
    process.kill(-pid, 'SIGKILL')
    while (this.#child?.state.kind !== 'stopped') await sleep(10)
  }

  async revive(): Promise<void> {
    while (this.#child?.state.kind !== 'ready') {
      this.#child = undefined
      await this.start().catch(() => sleep(startAgainMs))
    }
  }

  /** SIGTERM: it ends what it is doing. */
  async stop(): Promise<void> {
    this.#wanted = false
    await this.#child?.stop()
  }

  async #startAgain(): Promise<void> {
    this.#ownDeaths += 1
    await sleep(startAgainMs)
    if (this.#wanted) await this.revive()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** What another part keeps alive: it comes back by itself. */
export function keptAlive(name: string, state: () => ChildState): Mortal {
  let restarts = 0
  return {
    name,
    async kill() {
      const { pid, restarts: before } = state()
      if (pid === undefined) throw new Error(`${name} does not run`)
      restarts = before
      process.kill(-pid, 'SIGKILL')
    },
    async revive() {
      while (state().restarts === restarts || state().kind !== 'ready') await sleep(20)
    },
  }
}
