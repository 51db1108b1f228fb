import { readFileSync } from 'node:fs'
import process from 'node:process'

/** Stops this process as by SIGTERM when its parent or the parent's parent is gone, however that ended. */
export function endWithAncestors(): void {
  const { ppid: parent } = process
  const grandparent = parentOf(parent)
  setInterval(() => {
    if (process.ppid !== parent || parentOf(parent) !== grandparent) process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

/** Undefined where the system does not say it in a file. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // The name in parentheses may hold spaces and parentheses; the parent is the second field after it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
