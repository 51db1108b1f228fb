/** Where `command.sh` is run: in a container, or on this host. */
import { readFileSync } from 'node:fs'
import { RunnerFault } from '../faults/runner-fault.ts'
import type { FileOwner } from '../folder/php-users.ts'

export interface CommandPlace extends AsyncDisposable {
  /** On this host, not in a container. */
  readonly isHere: boolean
  /** A folder of this host as it is seen there. @throws RunnerFault when it is not */
  seen(folder: string): string
  /** Starts the script as its user, apart from this process. @throws RunnerFault when it may not have started */
  start(script: ScriptCall): Promise<StartedScript>
  /** The exit code of a script that is done in seconds. @throws RunnerFault when there is none */
  ask(script: ScriptCall): Promise<number>
}

export interface ScriptCall {
  /** After `sh`. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly user: FileOwner
}

export interface StartedScript {
  /** Resolves soon after the script has ended, where the place hears of that; it never rejects. */
  readonly ended?: Promise<void>
  /**
   * The script's exit code once it has ended, 'running', or 'unknown' when the place has forgotten it.
   * @throws RunnerFault when the place cannot tell, or cannot have anything running
   */
  look(): Promise<number | 'running' | 'unknown'>
}

/** The arguments of one of the modes of `command.sh`. */
export function commandScript(mode: 'run' | 'look' | 'stop', ...args: readonly string[]): readonly string[] {
  return ['-c', script, 'sh', mode, ...args]
}

/** Whether the script says that it could not do its work. */
export function isUnfit(code: number): boolean {
  return unfitness.has(code)
}

/** The fault that an exit code of the script stands for. */
export function unfit(code: number, { isHere }: Pick<CommandPlace, 'isHere'>): RunnerFault {
  const otherwise = [
    `The script that runs commands could not be run (exit code ${String(code)}).`,
    "A POSIX shell must be there for PHP's user.",
  ] as const
  const here = isHere ? unfitnessHere.get(code) : undefined
  return new RunnerFault('place_unfit', ...(here ?? unfitness.get(code) ?? otherwise))
}

const unfitness: ReadonlyMap<number, readonly [cause: string, mend: string]> = new Map([
  [
    70,
    [
      "PHP's user cannot use the folder for the files of commands.",
      'Map the folder into the container with write access, and let the user be the one that the settings name.',
    ],
  ],
  [
    71,
    [
      "The wiki's folder is not there for PHP's user.",
      'Map the folder of the wikis into the container, and let the user walk through it.',
    ],
  ],
  [
    72,
    [
      'A tool that commands are run with is missing.',
      'Install cat, flock, grep, rm, setsid, sleep and tail, as Debian and BusyBox have them.',
    ],
  ],
])

/** What is mended otherwise where there is no container. */
const unfitnessHere: typeof unfitness = new Map([
  [
    70,
    [
      "PHP's user cannot use the folder for the files of commands.",
      'Let the user that wikifarm-php-user names walk through wikifarm-dir and the folders above it: chmod o+x on each of them.',
    ],
  ],
  [
    71,
    [
      "PHP's user cannot walk to the wiki's folder.",
      'Let the user that wikifarm-php-user names walk through wikifarm-dir, the template and the folders above them: chmod o+x on each of them, and build the template anew.',
    ],
  ],
])

const script = readFileSync(new URL('command.sh', import.meta.url), 'utf8')
