/**
 * Which process a former run left behind. A pid alone may have been given to a stranger since, so the file also
 * holds when that process was started; both are compared before anything is killed.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from './process-group.ts'

interface Recorded {
  readonly pid: number
  readonly started: string
  readonly command: string
}

export async function recordProcess(pidFile: string, pid: number, command: string): Promise<void> {
  const started = startOfProcess(pid)
  // It has ended already: then there is nothing to end later.
  if (started === undefined) return
  const recorded: Recorded = { pid, started, command }
  await writeFile(`${pidFile}.new`, JSON.stringify(recorded), { mode: 0o600 })
  await rename(`${pidFile}.new`, pidFile)
}

/** Ends the process group recorded in the file, if that very process still runs, and removes the file. */
export async function endRecordedProcess(pidFile: string, graceMs = 5_000): Promise<void> {
  const recorded = await readRecorded(pidFile)
  if (recorded !== undefined && stillRuns(recorded)) {
    signalGroup(recorded.pid, 'SIGTERM')
    const deadline = performance.now() + graceMs
    while (stillRuns(recorded)) {
      if (performance.now() > deadline) signalGroup(recorded.pid, 'SIGKILL')
      await sleep(20)
    }
    signalGroup(recorded.pid, 'SIGKILL')
  }
  await rm(pidFile, { force: true })
}

async function readRecorded(pidFile: string): Promise<Recorded | undefined> {
  try {
    return JSON.parse(await readFile(pidFile, 'utf8')) as Recorded
  } catch {
    return undefined
  }
}

function stillRuns({ pid, started }: Recorded): boolean {
  return startOfProcess(pid) === started
}

/** When a running process was started, in the words of this system; undefined when it does not run. */
export function startOfProcess(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; after it come the state and, 19 fields on, the start in ticks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return undefined
  }
}
