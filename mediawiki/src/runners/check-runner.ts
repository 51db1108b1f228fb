import { randomUUID } from 'node:crypto'
import { RunnerFault } from '../faults/runner-fault.ts'
import type { Runner, RunnerCheck } from './runner.ts'

/** @param folder one that exists once a command has run, and that PHP's user may walk through */
export async function checkRunner(runner: Runner, folder: string): Promise<RunnerCheck> {
  const id = `check-${randomUUID()}`
  const said: string[] = []
  try {
    const argv = ['php', '-r', 'echo PHP_VERSION;']
    const { exitCode } = await runner.run(
      { id, folder, argv, timeLimitMs: 20_000 },
      {
        onOutput: ({ line }) => void said.push(line),
        signal: new AbortController().signal,
        leave: AbortSignal.timeout(30_000),
      },
    )
    if (exitCode === 0) return { ok: true, detail: `PHP ${said.join(' ')} answers.` }
    return {
      ok: false,
      detail: `PHP does not run (exit code ${String(exitCode)}): ${said.join(' ')}`,
      mend: 'Install php-cli where the commands run.',
    }
  } catch (error) {
    if (error instanceof RunnerFault) return { ok: false, detail: error.what, mend: error.mend }
    if (error instanceof DOMException) return { ok: false, detail: 'PHP has not answered within 30 s.' }
    throw error
  } finally {
    await runner.forget(id).catch(() => {})
  }
}
