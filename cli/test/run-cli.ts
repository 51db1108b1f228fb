/** The command as people run it: a process of its own, with what it printed, and how it ended. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The command as it is called here; what it prints to be pasted begins with it. */
export const bin = fileURLToPath(new URL('../bin/wikistead.js', import.meta.url))

export interface CliOptions {
  /** Added to an environment that has nothing of ours in it. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Under a terminal of so many columns (`true`: 100; 0: it does not say), by `script` of util-linux. */
  readonly terminal?: boolean | number
}

export interface CliRun extends AsyncDisposable {
  readonly child: ChildProcess
  readonly pid: number
  stdout: string
  stderr: string
  /** Standard input; under a terminal what is typed. */
  type(text: string): void
  /** Makes the terminal so many columns wide, of which its programs hear. */
  resize(columns: number): Promise<void>
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

export interface CliResult {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
  /** What `--json` printed, an object a line. */
  readonly events: readonly Record<string, unknown>[]
  readonly last: Record<string, unknown>
  /** The one object on standard error. */
  readonly error: Record<string, unknown>
}

export function startCli(
  args: readonly string[],
  { env = {}, cwd, terminal = false }: CliOptions = {},
): CliRun {
  const { PATH = '', HOME = '', WIKISTEAD_TEMPORAL_CLI: temporal } = process.env
  const command = [process.execPath, bin, ...args]
  const size = terminal === true ? 100 : terminal
  const tellTerminal = 'printf "<%s>" "$(tty)"'
  const [program = '', ...rest] =
    size === false
      ? command
      : [
          ...['script', '-qefc'],
          `stty cols ${String(size)}; ${tellTerminal}; exec ${command.map(quoted).join(' ')}`,
          '/dev/null',
        ]
  const child = spawn(program, rest, {
    env: {
      // npm's own would make the command one that is found by its name.
      ...{
        PATH: PATH.split(':')
          .filter((each) => !each.endsWith('node_modules/.bin'))
          .join(':'),
        HOME,
      },
      ...(temporal !== undefined && { WIKISTEAD_TEMPORAL_CLI: temporal }),
      ...(size !== false && { TERM: 'xterm' }),
      ...env,
    },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Whoever has left reads no more.
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const run: CliRun = {
    ...{ child, pid: child.pid ?? 0, stdout: '', stderr: '', ended },
    type: (text) => void child.stdin.write(text),
    resize: async (columns) => {
      const [, place = ''] = /<(\/dev\/[^>]+)>/.exec(run.stdout) ?? []
      await promisify(execFile)('stty', ['-F', place, 'cols', String(columns)])
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text))
  return run
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  await using run = startCli(args, options)
  if ((options.terminal ?? false) === false) run.child.stdin?.end()
  const code = await run.ended
  return resultOf(run, code)
}

export function resultOf({ stdout, stderr }: CliRun, code: number | string): CliResult {
  const events = objects(stdout)
  return { code, stdout, stderr, events, last: events.at(-1) ?? {}, error: objects(stderr).at(-1) ?? {} }
}

function objects(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
