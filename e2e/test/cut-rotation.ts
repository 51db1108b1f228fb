/** `wikistead rotate …` as a process that is killed as soon as it tells of a step; and requests that go on meanwhile. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const program = join(import.meta.dirname, '../../cli/src/main.ts')

export interface Rotation {
  readonly steps: readonly string[]
  readonly code: number | null
  readonly said: string
}

/** @param killedAt a step's name; without it the command comes to its end */
export async function rotate(
  args: readonly string[],
  { home, killedAt }: { readonly home: string; readonly killedAt?: string },
): Promise<Rotation> {
  const child = spawn(process.execPath, [program, 'rotate', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { HOME: home, PATH: process.env['PATH'] },
  })
  const closed = once(child, 'close')
  const steps: string[] = []
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  for await (const line of createInterface(child.stdout)) {
    const { step, event } = JSON.parse(line) as { readonly step?: string; readonly event: string }
    said += `${line}\n`
    if (event === 'progress' && step !== undefined) steps.push(step)
    if (killedAt !== undefined && step === killedAt) child.kill('SIGKILL')
  }
  await closed
  return { steps, code: child.exitCode, said }
}

export interface Load extends AsyncDisposable {
  /** How many went well so far. */
  readonly done: number
  /** What went wrong, in words. */
  readonly failures: readonly string[]
  /** Resolves once so many more went well. */
  more(count: number): Promise<void>
}

/** Asks again and again, one after the other; undefined is an answer as it should be. */
export function keepAsking(ask: () => Promise<string | undefined>): Load {
  const stopping = new AbortController()
  const failures: string[] = []
  let done = 0
  const asking = (async () => {
    for (; !stopping.signal.aborted; await sleep(5)) {
      const wrong = await ask().catch((error: unknown) => String(error))
      if (wrong === undefined) done += 1
      else failures.push(wrong)
    }
  })()
  return {
    get done() {
      return done
    },
    failures,
    async more(count) {
      const enough = done + count
      while (done < enough && failures.length === 0) await sleep(10)
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await asking
    },
  }
}
