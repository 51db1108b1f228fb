/** What the tests of a runner need around it: a wiki's folder, other processes that run commands, and eyes on them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import type {
  CommandRunnerOptions,
  DockerRunnerOptions,
  HostRunnerOptions,
  OutputLine,
  Runner,
  RunnerCommand,
  RunnerResult,
} from '../src/index.ts'
import { phpUser } from './php-user.ts'

export type RunnerSettings =
  | { readonly kind: 'host'; readonly options: HostRunnerOptions }
  | { readonly kind: 'docker'; readonly options: DockerRunnerOptions }

export interface RunnerSubject {
  /** PHP's user on this host: www-data for root, else whoever runs the tests. */
  readonly phpUser: CommandRunnerOptions['phpUser']
  /** Holds the wikis' folders, on this host. */
  readonly wikis: string
  readonly filesFolder: string
  /** A wiki's folder that PHP's user can write to. */
  readonly folder: string
  /** The same, where the commands run. */
  readonly seenFolder: string
  createRunner(options?: Partial<CommandRunnerOptions>): Runner
  /** For a process of its own; none where the runner's stand-in lives in the test's process. */
  readonly settings: RunnerSettings
  /** The processes, where the commands run, with this text in their command line. */
  processesOf(text: string): Promise<readonly TestProcess[]>
  /** SIGKILL, to all at once. */
  kill(processes: readonly TestProcess[]): Promise<void>
}

export interface TestProcess {
  readonly pid: number
  /** A shell that watches over a command, not one of the command's own processes. */
  readonly watches: boolean
}

export type WikiFolders = Pick<RunnerSubject, 'phpUser' | 'wikis' | 'filesFolder' | 'folder'> &
  AsyncDisposable

export async function makeWikiFolders(): Promise<WikiFolders> {
  const wikis = await mkdtemp(join(tmpdir(), 'wikistead-wikis-'))
  await chmod(wikis, 0o755)
  const folder = join(wikis, 'ada')
  await mkdir(folder)
  await chown(folder, phpUser.uid, phpUser.gid)
  return {
    phpUser,
    wikis,
    filesFolder: join(wikis, '.commands'),
    folder,
    [Symbol.asyncDispose]: () => rm(wikis, { recursive: true, force: true }),
  }
}

/** What is the same of every subject whose commands run on this host. */
export function hostSubject(folders: WikiFolders) {
  return {
    ...folders,
    seenFolder: folders.folder,
    async processesOf(text: string) {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
      const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''))
      return (await Promise.all(lines)).flatMap((line, at) =>
        line.includes(text) ? [{ pid: Number(pids[at]), watches: line.includes(watchText) }] : [],
      )
    },
    async kill(processes: readonly TestProcess[]) {
      for (const { pid } of processes) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended by itself.
        }
      }
    },
  }
}

/** In the command line of whatever runs `command.sh`. */
const watchText = 'Runs a command once'

/** What is the same of every subject whose commands run in this container. */
export function containerSubject(folders: WikiFolders, container: Docker.Container) {
  const script = async (command: readonly string[], env: readonly string[]) => {
    const exec = await container.exec({ Cmd: [...command], Env: [...env], AttachStdout: true, Tty: true })
    let output = ''
    for await (const chunk of await exec.start({ Tty: true })) output += String(chunk)
    return output
  }
  return {
    ...folders,
    seenFolder: '/var/www/wikis/ada',
    async processesOf(text: string) {
      const output = await script(['sh', '-c', processesScript], [`TEXT=${text}`])
      const found = output.split('\n').filter((line) => line.trim() !== '')
      return found.map((line) => JSON.parse(line) as TestProcess)
    },
    async kill(processes: readonly TestProcess[]) {
      await script(['sh', '-c', 'kill -KILL "$@"', 'sh', ...processes.map(({ pid }) => String(pid))], [])
    },
  }
}

/** Tells each process with $TEXT in its command line; the text is in no command line of its own. */
const processesScript = `for process in /proc/[0-9]*; do
  line=$(tr '\\0' ' ' <"$process/cmdline") 2>/dev/null
  case $line in *"$TEXT"*) ;; *) continue ;; esac
  case $line in *"${watchText}"*) watches=true ;; *) watches=false ;; esac
  echo "{\\"pid\\":\${process#/proc/},\\"watches\\":$watches}"
done 2>/dev/null`

/** A worker's process that runs the command, and can be killed. */
export function runElsewhere(settings: RunnerSettings, command: RunnerCommand) {
  const program = fileURLToPath(new URL('run-elsewhere.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify({ settings, command })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: OutputLine[] = []
  let ending: { readonly result?: RunnerResult; readonly error?: string } = {}
  createInterface({ input: child.stdout }).on('line', (text) => {
    const told = JSON.parse(text) as { output?: OutputLine } & typeof ending
    if (told.output === undefined) ending = told
    else lines.push(told.output)
  })
  const closed = once(child, 'close')
  return {
    lines,
    async ended() {
      await closed
      return ending
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}
