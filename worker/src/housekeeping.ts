/** The reconciler every 30 seconds, the sweeper every minute, alarms into the log at once; never two of a kind at once. */
import { AlarmLog, reconcile, sweep, watchHosts, watchNamespace, type SweeperDeps } from '@wikistead/tasks'

export interface Housekeeping extends AsyncDisposable {
  /** Runs reconciler and sweeper now; for a start and for tests. */
  runNow(): Promise<void>
}

export interface HousekeepingOptions {
  readonly reconcileEveryMs?: number
  readonly sweepEveryMs?: number
  /** A task is looked at when nobody has written to it for this long. */
  readonly quietMs?: number
  /** An unfinished rollback is tried again when it was left alone for this long. */
  readonly rollbackRestMs?: number
  /** A host that was not heard of for so long counts as away. */
  readonly hostSilentMs?: number
}

const tellAlarmsEveryMs = 10_000
const watchHostsEveryMs = 5_000

export function startHousekeeping(deps: SweeperDeps, options: HousekeepingOptions = {}): Housekeeping {
  const { reconcileEveryMs = 30_000, sweepEveryMs = 60_000, quietMs = 10_000 } = options
  const { rollbackRestMs, hostSilentMs } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const alarms = new AlarmLog(deps.store, deps.log)
  const reconciling = every(reconcileEveryMs, async () => {
    await watchNamespace(deps.store, deps.client)
    await reconcile(deps, quietMs, signal)
  })
  const sweeping = every(sweepEveryMs, () => sweep(deps, rollbackRestMs, signal))
  const watchingHosts = every(watchHostsEveryMs, () => watchHosts(deps.store, hostSilentMs))
  const tellingAlarms = every(tellAlarmsEveryMs, () => alarms.tell())

  function every(ms: number, act: () => Promise<void>) {
    let running: Promise<void> | undefined
    const run = (): Promise<void> => {
      running ??= act()
        .catch((error: unknown) => {
          // The store or Temporal is away: the next round finds everything as it is.
          deps.log.warn({ err: error }, 'housekeeping failed; it is tried again')
        })
        .finally(() => {
          running = undefined
        })
      return running
    }
    const timer = setInterval(() => void run(), ms)
    return {
      run,
      async stop() {
        clearInterval(timer)
        await running
      },
    }
  }

  return {
    async runNow() {
      await Promise.all([reconciling.run(), sweeping.run()])
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([reconciling.stop(), sweeping.stop(), watchingHosts.stop(), tellingAlarms.stop()])
    },
  }
}
