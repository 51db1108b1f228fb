/**
 * What the list of processes tells while something goes on: the command line of every process of this machine, which
 * everybody there can read, and the environment of those that we began, which their user can.
 */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessList extends AsyncDisposable {
  readonly commandLines: string
  /** Of the descendants of this process, in containers as well. */
  readonly environments: string
}

const mostLooks = 40

export function watchProcesses(): ProcessList {
  const stopping = new AbortController()
  const commandLines = new Set<string>()
  const environments = new Set<string>()
  const ours = new Set([String(process.pid)])
  const looks = new Map<string, number>()
  const watching = watch()

  async function watch(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(5)) {
      const names = await readdir('/proc')
      const pids = new Set(names.filter((name) => /^\d+$/.test(name)))
      for (const pid of looks.keys()) if (!pids.has(pid)) looks.delete(pid)
      // Parents are known before their children.
      const fresh = [...pids].filter((pid) => (looks.get(pid) ?? 0) < mostLooks)
      await Promise.all(fresh.sort((a, b) => Number(a) - Number(b)).map(look))
    }
  }

  /** A process takes another program's place soon after it was begun, and then it stays. */
  async function look(pid: string): Promise<void> {
    looks.set(pid, (looks.get(pid) ?? 0) + 1)
    const [commandLine, stat] = await Promise.all([read(pid, 'cmdline'), read(pid, 'stat')])
    commandLines.add(commandLine)
    const parent = /\) \S (\d+)/.exec(stat)?.[1] ?? ''
    // A container's processes come from what watches over it, which has left its parent.
    if (ours.has(parent) || commandLine.includes('containerd-shim')) ours.add(pid)
    // This test's own knows all.
    if (ours.has(pid) && pid !== String(process.pid)) environments.add(await read(pid, 'environ'))
  }

  const read = async (pid: string, file: string): Promise<string> => {
    const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    return text.replaceAll('\0', '\n')
  }

  return {
    get commandLines() {
      return [...commandLines].join('\n')
    },
    get environments() {
      return [...environments].join('\n')
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await watching
    },
  }
}
