/** Runs commands on this host itself, as PHP's user, apart from this process: they outlive it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { FileOwner } from './command-files.ts'
import type { CommandPlace, ScriptCall, StartedScript } from './command-place.ts'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { RunnerFault } from '../faults/runner-fault.ts'
import type { Runner } from './runner.ts'

export interface HostRunnerOptions extends CommandRunnerOptions {
  /** What every command finds besides its own; of this process's environment, which holds secrets, it sees nothing. */
  readonly env?: Readonly<Record<string, string>>
}

export function createHostRunner({ env = {}, ...options }: HostRunnerOptions): Runner {
  return new CommandRunner('host', new HostPlace(options.phpUser, { ...defaultEnv, ...env }), options)
}

const defaultEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

class HostPlace implements CommandPlace {
  readonly #user: FileOwner
  readonly #env: Readonly<Record<string, string>>

  constructor(user: FileOwner, env: Readonly<Record<string, string>>) {
    this.#user = user
    this.#env = env
  }

  seen(folder: string): string {
    return folder
  }

  async start(script: ScriptCall): Promise<StartedScript> {
    const child = await this.#spawn(script)
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    child.once('exit', () => resolve())
    return { ended, look: async () => exitCodeOf(child) ?? 'running' }
  }

  async ask(script: ScriptCall): Promise<number> {
    const child = await this.#spawn(script)
    if (exitCodeOf(child) === undefined) await once(child, 'exit')
    return exitCodeOf(child) ?? unknown
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #spawn({ args, env }: ScriptCall): Promise<ChildProcess> {
    const { uid, gid } = this.#user
    const child = spawn('/bin/sh', args, {
      cwd: '/',
      env: { ...this.#env, ...env },
      stdio: 'ignore',
      detached: true,
      ...(process.getuid?.() !== uid && { uid, gid }),
    })
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw new RunnerFault(
        'place_unfit',
        "This process may not run commands as PHP's user.",
        'Run the worker as root, or as that user.',
        { cause: error },
      )
    }
    child.unref()
    return child
  }
}

const unknown = 255

/** Undefined while it runs. */
function exitCodeOf({ exitCode, signalCode }: ChildProcess): number | undefined {
  return exitCode ?? (signalCode === null ? undefined : unknown)
}
