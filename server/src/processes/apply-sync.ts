import type { Config } from '@wikistead/config'
import type { SyncControl } from '@wikistead/tasks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../parts/environment.ts'

const retryMs = 5_000
const lookMs = 10_000

/**
 * Sets the sync's schedule as the configuration and an operator have it, and again when Temporal has lost it with its
 * data. Temporal may be away; then it waits for it until it is disposed of.
 */
export function applySync(config: Config, sync: SyncControl, logger: Environment['logger']): Disposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const settings = {
    enabled: config.fedwikiSyncEnabled,
    interval: config.fedwikiSyncInterval,
    defaultUserId: config.fedwikiSyncDefaultUserId,
    triggerImmediately: config.fedwikiSyncTriggerImmediately,
  }
  void apply()
  return {
    [Symbol.dispose]() {
      stopping.abort()
    },
  }

  async function apply(): Promise<void> {
    while (!signal.aborted) {
      try {
        await sync.apply(settings)
        if (settings.enabled === false) return
        do await sleep(lookMs, undefined, { signal, ref: false })
        while (!(await sync.isLost(settings)))
      } catch (error) {
        if (signal.aborted) return
        logger.warn({ err: error }, 'the sync schedule could not be set; it is tried again')
        await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }
}
