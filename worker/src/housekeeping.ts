/**
 * The reconciler every 30 seconds, the sweeper every minute, the audit log's seals every 15 seconds, by one worker at a time;
 * never two of a kind at once. Every worker tells of alarms in its own log.
 */
import {
  AlarmLog,
  AuditKeeper,
  type AuditKeeping,
  askForNextProof,
  enforceSuspensions,
  keepSamples,
  reconcile,
  sweep,
  takeUpTexts,
  watchHosts,
  watchInstances,
  watchNamespace,
  type Dispatcher,
  type ProveControl,
  type SweeperDeps,
} from '@wikistead/tasks'
import { seekLeadership } from './leadership.ts'

export interface Housekeeping extends AsyncDisposable {
  /** Runs reconciler and sweeper now, when it is ours to do so; for a start and for tests. */
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
  /** Another worker keeps house when nothing was heard of the one that did for so long. */
  readonly leaseMs?: number
  readonly sealEveryMs?: number
}

export interface HousekeepingDeps extends SweeperDeps {
  /** Who keeps house: the id of this process' instance. */
  readonly holder: string
  readonly dispatcher: Dispatcher
  readonly audit?: AuditKeeping
  /** Where members bring domains of their own. */
  readonly proveControl?: ProveControl | undefined
}

const tellAlarmsEveryMs = 10_000
const watchHostsEveryMs = 5_000
/** Who leaves a place gives it away at once; this is for those who died before they could. */
const dispatchEveryMs = 5_000
/** A wiki that was busy when it was suspended is served no longer than so after that. */
const enforceEveryMs = 5_000

export function startHousekeeping(deps: HousekeepingDeps, options: HousekeepingOptions = {}): Housekeeping {
  const { reconcileEveryMs = 30_000, sweepEveryMs = 60_000, quietMs = 10_000, sealEveryMs = 15_000 } = options
  const { rollbackRestMs, hostSilentMs, leaseMs } = options
  const stopping = new AbortController()
  let textsUpTo = 0
  let sampledAt = 0
  // Whoever has just begun to lead looks at once: nobody may have for a while.
  const leadership = seekLeadership(deps.store, deps.log, {
    holder: deps.holder,
    ...(leaseMs !== undefined && { leaseMs }),
    onLead: () => {
      textsUpTo = 0
      // It may take minutes, and nobody waits for it.
      void takingUpTexts.run()
      void keepingAudit.run()
      void sampling.run()
      void runAll()
    },
  })
  const alarms = new AlarmLog(deps.store, deps.log)
  const reconciling = leading(reconcileEveryMs, async (signal) => {
    await watchNamespace(deps.store, deps.client)
    await reconcile(deps, quietMs, signal)
  })
  const sweeping = leading(sweepEveryMs, (signal) => sweep(deps, rollbackRestMs, signal))
  const takingUpTexts = leading(sweepEveryMs, async (signal) => {
    textsUpTo = await takeUpTexts(deps.store, textsUpTo, signal)
  })
  const audit = new AuditKeeper(deps.store, deps.audit)
  const keepingAudit = leading(sealEveryMs, (signal) => audit.keep(signal))
  const { proveControl } = deps
  const askingForProofs = leading(sweepEveryMs, async () => {
    if (proveControl !== undefined) await askForNextProof(deps.store, proveControl)
  })
  const watchingHosts = leading(watchHostsEveryMs, async () => {
    await watchHosts(deps.store, hostSilentMs)
    await watchInstances(deps.store)
  })
  const sampling = leading(sweepEveryMs, async () => {
    sampledAt = await keepSamples(deps.store, sampledAt)
  })
  const dispatching = leading(dispatchEveryMs, () => deps.dispatcher.lookAtAll())
  const enforcing = leading(enforceEveryMs, (signal) => enforceSuspensions(deps, signal))
  const tellingAlarms = every(tellAlarmsEveryMs, () => alarms.tell())

  function leading(ms: number, act: (signal: AbortSignal) => Promise<void>) {
    return every(ms, async () => {
      const { term } = leadership
      if (term !== undefined) await act(AbortSignal.any([stopping.signal, term]))
    })
  }

  async function runAll(): Promise<void> {
    await Promise.all([reconciling.run(), sweeping.run(), dispatching.run(), enforcing.run()])
  }

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
      await leadership.decided
      await runAll()
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([
        reconciling.stop(),
        sweeping.stop(),
        takingUpTexts.stop(),
        keepingAudit.stop(),
        askingForProofs.stop(),
        watchingHosts.stop(),
        sampling.stop(),
        dispatching.stop(),
        enforcing.stop(),
        tellingAlarms.stop(),
      ])
      await leadership[Symbol.asyncDispose]()
    },
  }
}
