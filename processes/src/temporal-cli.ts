/**
 * Finds the `temporal` command, whose `server start-dev` is the embedded Temporal: the one that was named, the one
 * on PATH, the one that an earlier run kept, the SDK's download, one built with Go. The last two are kept.
 */
import { execFile } from 'node:child_process'
import { access, constants, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tryLock } from './exclusive-lock.ts'
import { startProcessGroup } from './process-group.ts'
import { SetupError } from './setup-error.ts'

export interface TemporalCliSearch {
  /** `WIKISTEAD_TEMPORAL_CLI` and `PATH` are read; all of it goes to the download and to Go (proxies, GOPROXY). */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where a download or a build is kept; made when missing. Outside `node_modules`, which `npm ci` empties. */
  readonly cacheFolder: string
  /** Lines for a person who waits. */
  readonly onProgress?: (line: string) => void
}

export interface TemporalCli {
  readonly path: string
  /** One line: which was taken, and why none of those before it. */
  readonly explanation: string
}

const goPackage = 'github.com/temporalio/cli/cmd/temporal@v1.5.1'
const downloadLimitMs = 180_000
const progressEveryMs = 15_000
const run = promisify(execFile)

/** @throws SetupError, whose message says why none was found and what to run. */
export async function findTemporalCli(search: TemporalCliSearch): Promise<TemporalCli> {
  const { cacheFolder } = search
  const { cli, whyNot } = await lookForTemporalCli(search)
  if (cli !== undefined) return cli

  const kept = keptIn(cacheFolder)
  await mkdir(cacheFolder, { recursive: true, mode: 0o755 })
  const lock = await waitForLock(join(cacheFolder, 'temporal.lock'), search)
  const failures = [...whyNot]
  try {
    if ((await problemOf(kept)) === undefined)
      return taken(kept, failures, 'made by another process just now')
    for (const [attempt, how] of attempts) {
      const failure = await make(attempt, kept, search)
      if (failure === undefined) return taken(kept, failures, how)
      failures.push(failure)
    }
  } finally {
    lock.release()
  }
  throw new SetupError(
    `Temporal is missing (${failures.join('; ')}): install Go and start again, or run "go install ${goPackage}" ` +
      'where there is Go and set WIKISTEAD_TEMPORAL_CLI to the result, or set TEMPORAL_ADDRESS to a running server',
  )
}

export interface TemporalCliLook {
  /** Undefined when none is on this machine yet. */
  readonly cli: TemporalCli | undefined
  readonly whyNot: readonly string[]
  /** The `go` that could build one. */
  readonly go: string | undefined
}

/** Only looks: nothing is downloaded, built or written. @throws SetupError when the one that was named is none. */
export async function lookForTemporalCli({
  env,
  cacheFolder,
}: Pick<TemporalCliSearch, 'env' | 'cacheFolder'>): Promise<TemporalCliLook> {
  const go = await findOnPath('go', env['PATH'])
  const named = env['WIKISTEAD_TEMPORAL_CLI']
  if (named !== undefined && named !== '') {
    const problem = await problemOf(named)
    if (problem !== undefined) {
      throw new SetupError(`WIKISTEAD_TEMPORAL_CLI=${named} ${problem}; name a temporal command, or unset it`)
    }
    return { cli: taken(named, [], 'WIKISTEAD_TEMPORAL_CLI'), whyNot: [], go }
  }
  const onPath = await findOnPath('temporal', env['PATH'])
  const problem = onPath === undefined ? 'no temporal on PATH' : await problemOf(onPath)
  if (onPath !== undefined && problem === undefined)
    return { cli: taken(onPath, [], 'on PATH'), whyNot: [], go }
  const whyNot = [onPath === undefined ? 'no temporal on PATH' : `${onPath} ${problem}`]
  const kept = keptIn(cacheFolder)
  if ((await problemOf(kept)) === undefined) {
    return { cli: taken(kept, whyNot, 'kept from an earlier run'), whyNot, go }
  }
  return { cli: undefined, whyNot, go }
}

const keptIn = (cacheFolder: string): string => join(cacheFolder, 'temporal')

function taken(path: string, whyNot: readonly string[], how: string): TemporalCli {
  return { path, explanation: `Temporal: ${path} (${[...whyNot, how].join('; ')})` }
}

const attempts = [
  [download, 'downloaded'],
  [build, 'built with Go'],
] as const

/** Renames what the attempt made to `kept`: half of it is never taken. Answers why it failed, else undefined. */
async function make(
  attempt: (typeof attempts)[number][0],
  kept: string,
  search: TemporalCliSearch,
): Promise<string | undefined> {
  const folder = `${kept}.making`
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o755 })
  try {
    await rename(await attempt(folder, search), kept)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Undefined when the file is a Temporal CLI. */
async function problemOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: 60_000 })
    return stdout.startsWith('temporal version') ? undefined : 'is not a Temporal CLI'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'does not exist' : `does not run (${code ?? 'timed out'})`
  }
}

async function findOnPath(name: string, path = ''): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name)
    const executable =
      folder !== '' &&
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    if (await executable) return file
  }
  return undefined
}

async function waitForLock(file: string, { onProgress }: TemporalCliSearch) {
  for (let waited = false; ; waited = true) {
    const lock = tryLock(file)
    if (lock !== undefined) return lock
    if (!waited) onProgress?.('another process is getting the Temporal CLI; waiting for it')
    await sleep(250)
  }
}

/** In a process of its own: the SDK's native library takes a second to load and can be set up only once. */
async function download(folder: string, { env, onProgress }: TemporalCliSearch): Promise<string> {
  onProgress?.('trying to download the Temporal CLI')
  const script = fileURLToPath(new URL('download-temporal-cli.ts', import.meta.url))
  try {
    await run(process.execPath, [script, folder], { timeout: downloadLimitMs, env })
  } catch (error) {
    const { stderr, killed } = error as { stderr?: string; killed?: boolean }
    const reason = killed === true ? 'timed out' : lastLine(stderr ?? '')
    throw new Error(`the download failed (${reason})`, { cause: error })
  }
  return join(folder, 'temporal')
}

/** In a process group of its own, so that an interrupted build does not go on by itself. */
async function build(folder: string, { env, onProgress }: TemporalCliSearch): Promise<string> {
  const go = await findOnPath('go', env['PATH'])
  if (go === undefined) throw new Error('no go on PATH')
  const logFile = join(folder, 'go.log')
  const group = await startProcessGroup({
    command: go,
    args: ['install', goPackage],
    cwd: folder,
    env: { ...definedOnly(env), GOBIN: folder },
    logFile,
  })
  const began = performance.now()
  const tell = () => {
    const seconds = Math.round((performance.now() - began) / 1_000)
    onProgress?.(`building the Temporal CLI with Go: some minutes, once (${seconds} s)`)
  }
  tell()
  const telling = setInterval(tell, progressEveryMs)
  const exit = await group.exited.finally(() => clearInterval(telling))
  if (exit !== 'exit code 0') {
    throw new Error(`go install failed (${exit}: ${lastLine(await readFile(logFile, 'utf8'))})`)
  }
  return join(folder, 'temporal')
}

function definedOnly(env: TemporalCliSearch['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
