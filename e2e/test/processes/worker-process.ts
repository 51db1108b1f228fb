/** The test's end of `killable-worker.ts`: a real worker process that can be held at any activity, and killed there. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FromWorker, Stop, ToWorker } from './killable-worker.ts'

export type { Stop } from './killable-worker.ts'

interface HeldStop {
  /** Resolves when the worker stands there. */
  readonly reached: Promise<Stop>
  readonly letGo: () => void
}

export interface WorkerProcess extends AsyncDisposable {
  /** Where it has been so far, held or not. */
  readonly stops: readonly Stop[]
  /** Holds the worker at the next such point; those after it pass. `silent`: without a sign of life, so it is given up. */
  hold(which: (stop: Stop) => boolean, how?: 'silent'): HeldStop
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM: it ends what it is doing. */
  stop(): Promise<void>
}

/** Resolves when the worker takes tasks. What it writes goes to the file, where one is named. */
export async function startWorkerProcess(flags: readonly string[], logFile?: string): Promise<WorkerProcess> {
  const child = fork(fileURLToPath(new URL('killable-worker.ts', import.meta.url)), flags, {
    ...{ execArgv: [], silent: logFile !== undefined },
  })
  if (logFile !== undefined) {
    for (const output of [child.stdout, child.stderr])
      output?.pipe(createWriteStream(logFile, { flags: 'a' }))
  }
  const gone = once(child, 'exit')
  const up = Promise.withResolvers<void>()
  const stops: Stop[] = []
  const holds = new Set<{
    which: (stop: Stop) => boolean
    silent: boolean
    reach: (stop: Stop) => void
    released: Promise<void>
  }>()

  child.on('message', (message: FromWorker) => {
    if (message.kind === 'up') up.resolve()
    else void pass(message.id, message.stop)
  })
  void gone.then(([code]) => {
    up.reject(new Error(`the worker ended with ${String(code)}`))
  })

  async function pass(id: number, stop: Stop): Promise<void> {
    stops.push(stop)
    const hold = [...holds].find(({ which }) => which(stop))
    if (hold !== undefined) {
      holds.delete(hold)
      if (hold.silent) send({ id, do: 'fall silent' })
      hold.reach(stop)
      await hold.released
    }
    send({ id, do: 'go on' })
  }

  function send(message: ToWorker): void {
    if (child.connected) child.send(message)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await gone
  }

  await up.promise
  return {
    stops,
    hold(which, how) {
      const { promise: reached, resolve: reach } = Promise.withResolvers<Stop>()
      const { promise: released, resolve: letGo } = Promise.withResolvers<void>()
      holds.add({ which, silent: how === 'silent', reach, released })
      return { reached, letGo }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  }
}
