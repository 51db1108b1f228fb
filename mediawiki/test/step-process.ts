/** The test's end of `killable-step.ts`. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { StepInput, StepName } from './killable-step.ts'

export interface StepProcess extends AsyncDisposable {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>
}

export function startStep<Name extends StepName>(name: Name, input: StepInput<Name>): StepProcess {
  const child = fork(
    fileURLToPath(new URL('killable-step.ts', import.meta.url)),
    [name, JSON.stringify(input)],
    {
      execArgv: [],
    },
  )
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { kill, ended, [Symbol.asyncDispose]: kill }
}

/** The ids of processes that have the text in their command line. */
export async function processesWith(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return ids.filter((id, index) => id !== String(process.pid) && lines[index]?.includes(text))
}
