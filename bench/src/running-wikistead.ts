/** `wikistead start` as a child process on a data folder of its own, as a user runs it. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { flagsOf } from '@wikistead/test/secret-flags'

const command = fileURLToPath(new URL('../../cli/bin/wikistead.js', import.meta.url))

export interface RunningWikistead extends AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly dataFolder: string
  readonly farmUrl: string
  readonly farmToken: string
  /** From the spawn to the line that says it is up. */
  readonly upMs: number
  /** Resident memory in MB of the process itself and of its children, by command. */
  memory(): Promise<readonly { readonly name: string; readonly mb: number }[]>
  /** Of the processor so far, of the process itself and of its Temporal, to 10 ms. */
  processorMs(): Promise<number>
  /** By SIGKILL. What it has begun ends with it, or is found by whoever starts next. */
  kill(): Promise<void>
}

export async function runWikistead(
  settings: Readonly<Record<string, string>> = {},
  kept?: string,
): Promise<RunningWikistead> {
  const dataFolder = kept ?? (await mkdtemp(join(tmpdir(), 'wikistead-bench-')))
  const all = {
    'data-folder': dataFolder,
    ...{ port: '0', 'temporal-port': '0', 'fedwiki-farm-port': '0' },
    // One user asks for all of them.
    'rate-limits': 'false',
    ...{ 'fedwiki-site-limit': '100000', 'fedwiki-site-url': 'http://{domain}:{port}' },
    ...settings,
  }
  const flags = flagsOf(all, join(dataFolder, 'secrets'))
  const started = performance.now()
  const child = spawn(process.execPath, [command, 'start', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const { promise: up, resolve, reject } = Promise.withResolvers<{ url: string; farmUrl: string }>()
  void ended.then(() => reject(new Error('wikistead ended before it was up')))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { url, farm_url: farmUrl = '' } = JSON.parse(line) as { url?: string; farm_url?: string }
    if (url !== undefined) resolve({ url, farmUrl })
  })
  const { url, farmUrl } = await up
  const upMs = performance.now() - started
  const read = (path: string) => readFile(join(dataFolder, path), 'utf8').catch(() => '')
  return {
    ...{ url, farmUrl, upMs, dataFolder },
    token: await read('bootstrap-token'),
    farmToken: await read('fedwiki-farm/admin-token'),
    memory: async () => (await processesOf(child.pid ?? 0)).map(({ name, mb }) => ({ name, mb })),
    processorMs: async () => {
      const own = (await processesOf(child.pid ?? 0)).filter(({ name }) =>
        /^(wikistead|temporal)$/.test(name),
      )
      return own.reduce((sum, { processorMs }) => sum + processorMs, 0)
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      if (kept === undefined) await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface Process {
  readonly name: string
  readonly mb: number
  readonly processorMs: number
}

async function processesOf(root: number): Promise<Process[]> {
  const processes = new Map<number, Process & { readonly parent: number }>()
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '')
    // After the name, which may hold anything: user and system time are the fields 14 and 15, in hundredths.
    const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '0'
    processes.set(pid, {
      parent: Number(field('PPid')),
      name: field('Name'),
      mb: Math.round(Number(field('VmRSS')) / 1024),
      processorMs: (user + system) * 10,
    })
  }
  const isOurs = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent
    return pid === root || (parent !== undefined && parent > 1 && isOurs(parent))
  }
  return [...processes]
    .filter(([pid]) => isOurs(pid))
    .map(([pid, { name, mb, processorMs }]) => ({ name: pid === root ? 'wikistead' : name, mb, processorMs }))
}
