/**
 * Run as a program: the worker of `wikistead worker`, with `--host=NAME` that of a MediaWiki host, with one interceptor
 * outside of all others that tells the test where it is before and after each activity, and goes on when the test says
 * so. The test kills it there.
 */
import process from 'node:process'
import { Context } from '@temporalio/activity'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { loadConfig } from '@wikistead/config'
import { createLogger, runWorkerAlone } from '@wikistead/server'

/** A point in the life of one attempt. */
export interface Stop {
  readonly when: 'before' | 'after'
  readonly activity: string
  readonly attempt: number
  readonly taskId: string
  /** Of the site that it is about, or its slug; '' when its input names none. */
  readonly domain: string
}

export type FromWorker =
  { readonly kind: 'up' } | { readonly kind: 'stop'; readonly id: number; readonly stop: Stop }
/** The stop at which the worker may go on, or from now on stands without a sign of life. */
export interface ToWorker {
  readonly id: number
  readonly do: 'go on' | 'fall silent'
}

const waiting = new Map<number, Record<ToWorker['do'], () => void>>()
let stops = 0

const tell = (message: FromWorker) => process.send?.(message)

async function pass(stop: Stop): Promise<void> {
  const id = ++stops
  const { promise, resolve } = Promise.withResolvers<void>()
  // However long it stands there, it is not given up for lost, unless the test wants it to be.
  const context = Context.current()
  const beat = setInterval(() => context.heartbeat(), 1_000)
  waiting.set(id, { 'go on': resolve, 'fall silent': () => clearInterval(beat) })
  tell({ kind: 'stop', id, stop })
  await promise.finally(() => clearInterval(beat))
}

const stopAround: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      const [first] = input.args as [{ readonly domain?: string; readonly slug?: string }?]
      const where = {
        ...{ activity: info.activityType, attempt: info.attempt, domain: first?.domain ?? first?.slug ?? '' },
        taskId: info.workflowExecution?.workflowId ?? '',
      }
      await pass({ when: 'before', ...where })
      const result = await next(input)
      await pass({ when: 'after', ...where })
      return result
    },
  },
})

process.on('message', ({ id, do: what }: ToWorker) => {
  waiting.get(id)?.[what]()
  if (what === 'go on') waiting.delete(id)
})
// Nothing outlives the test.
process.on('disconnect', () => process.exit(1))

const flags: Record<string, string> = {}
for (const flag of process.argv.slice(2)) {
  const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(flag) ?? []
  flags[name] = value
}
const { host, ...settings } = flags
const config = loadConfig({ flags: settings, env: {} })
const worker = await runWorkerAlone(
  config,
  { env: {}, logger: createLogger(config.logLevel) },
  {
    interceptors: [stopAround],
    // Often, so that it comes between as often as it can.
    housekeeping: { reconcileEveryMs: 500, sweepEveryMs: 500, quietMs: 1_500, rollbackRestMs: 1_000 },
  },
  host,
)
process.once('SIGTERM', () => {
  void worker[Symbol.asyncDispose]().then(() => process.exit(0))
})
tell({ kind: 'up' })
