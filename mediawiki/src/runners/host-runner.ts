/** Runs commands on this host itself, as PHP's user, apart from this process: they outlive it. */
import type { FileOwner } from '../folder/php-users.ts'
import type { CommandPlace, ScriptCall, StartedScript } from './command-place.ts'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { RunnerFault } from '../faults/runner-fault.ts'
import { beginCommand, type BegunCommand } from '../starter/command-starter.ts'
import type { Runner } from './runner.ts'

export interface HostRunnerOptions extends CommandRunnerOptions {
  /** What every command finds besides its own; of this process's environment, which holds secrets, it sees nothing. */
  readonly env?: Readonly<Record<string, string>>
  /** The command line that runs another as that user; default: this process changes the user, if it must. */
  readonly asUser?: (user: FileOwner, command: readonly string[]) => readonly [string, ...string[]]
}

export function createHostRunner({ env = {}, asUser, ...options }: HostRunnerOptions): Runner {
  return new CommandRunner('host', new HostPlace({ ...defaultEnv, ...env }, asUser), options)
}

const defaultEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

class HostPlace implements CommandPlace {
  readonly isHere = true
  readonly #env: Readonly<Record<string, string>>
  readonly #asUser: HostRunnerOptions['asUser']

  constructor(env: Readonly<Record<string, string>>, asUser: HostRunnerOptions['asUser']) {
    this.#env = env
    this.#asUser = asUser
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

  async #begin({ args, env, user }: ScriptCall): Promise<BegunCommand> {
    const { uid, gid } = user
    try {
      const command = ['/bin/sh', ...args] as const
      const mustChange = process.getuid?.() !== uid
      const asUser = mustChange ? this.#asUser : undefined
      return await beginCommand(asUser?.(user, command) ?? [...command], {
        ...{ cwd: '/', env: { ...this.#env, ...env }, detached: true },
        ...(mustChange && asUser === undefined && { uid, gid }),
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
