/** Runs commands on this host itself, as PHP's user, apart from this process: they outlive it. */
import type { CommandPlace, ScriptCall, StartedScript } from './command-place.ts'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { RunnerFault } from '../faults/runner-fault.ts'
import { beginCommand, type BegunCommand } from '../starter/command-starter.ts'
import type { Runner } from './runner.ts'

export interface HostRunnerOptions extends CommandRunnerOptions {
  /** What every command finds besides its own; of this process's environment, which holds secrets, it sees nothing. */
  readonly env?: Readonly<Record<string, string>>
}

export function createHostRunner({ env = {}, ...options }: HostRunnerOptions): Runner {
  return new CommandRunner('host', new HostPlace({ ...defaultEnv, ...env }), options)
}

const defaultEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

class HostPlace implements CommandPlace {
  readonly #env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env
  }

  seen(folder: string): string {
    return folder
  }

  async start(script: ScriptCall): Promise<StartedScript> {
    const begun = await this.#begin(script)
    let state: number | 'running' | 'unknown' = 'running'
    const ended = begun.ended.then(
      (code) => void (state = code ?? unknown),
      () => void (state = 'unknown'),
    )
    return { ended, look: () => Promise.resolve(state) }
  }

  async ask(script: ScriptCall): Promise<number> {
    const { ended } = await this.#begin(script)
    return (await ended) ?? unknown
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #begin({ args, env, user: { uid, gid } }: ScriptCall): Promise<BegunCommand> {
    try {
      return await beginCommand(['/bin/sh', ...args], {
        ...{ cwd: '/', env: { ...this.#env, ...env }, detached: true },
        ...(process.getuid?.() !== uid && { uid, gid }),
      })
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) {
        const why = error instanceof Error ? error.message : 'nobody knows why'
        throw new RunnerFault('command_lost', `The command could not be begun: ${why}.`, 'It is run again.', {
          cause: error,
        })
      }
      throw new RunnerFault(
        'place_unfit',
        "This process may not run commands as PHP's user.",
        'Run the worker as root, or as that user.',
        { cause: error },
      )
    }
  }
}

const unknown = 255
