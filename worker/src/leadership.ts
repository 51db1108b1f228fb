/**
 * One of all workers keeps house at a time. Its lease is in the store, in the database's time; by its own steady clock it
 * stops before the lease is over, so that a worker that was asleep does not go on beside its successor.
 */
import { performance } from 'node:perf_hooks'
import type { Store } from '@wikistead/store'
import type { StepLog } from '@wikistead/tasks/step'

export interface Leadership extends AsyncDisposable {
  /** Aborted when it is over; undefined while another leads. */
  readonly term: AbortSignal | undefined
  /** Resolves when it is known who leads. */
  readonly decided: Promise<void>
}

export interface LeadershipOptions {
  /** An instance's id. */
  readonly holder: string
  readonly leaseMs?: number
  readonly onLead?: () => void
}

const name = 'housekeeping'

export function seekLeadership(
  { leases }: Pick<Store, 'leases'>,
  log: Pick<StepLog, 'warn'>,
  { holder, leaseMs = 15_000, onLead = () => undefined }: LeadershipOptions,
): Leadership {
  let term: { readonly number: number; readonly over: AbortController } | undefined
  let lapses: NodeJS.Timeout | undefined
  let seeking: Promise<void> | undefined
  const timer = setInterval(() => void seek(), leaseMs / 3)
  const decided = seek()

  function seek(): Promise<void> {
    seeking ??= seekOnce()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'it could not be asked who keeps house; it is asked again')
      })
      .finally(() => {
        seeking = undefined
      })
    return seeking
  }

  async function seekOnce(): Promise<void> {
    const asked = performance.now()
    const number = await leases.take(name, holder, leaseMs)
    if (number === undefined) return end()
    clearTimeout(lapses)
    const leftMs = leaseMs - (performance.now() - asked)
    if (leftMs <= 0) return end()
    lapses = setTimeout(end, leftMs)
    if (term?.number === number) return
    end()
    lapses = setTimeout(end, leftMs)
    term = { number, over: new AbortController() }
    onLead()
  }

  function end(): void {
    clearTimeout(lapses)
    term?.over.abort()
    term = undefined
  }

  return {
    get term() {
      return term?.over.signal
    },
    decided,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await seeking
      const led = term !== undefined
      end()
      if (led) await leases.release(holder, name).catch(() => undefined)
    },
  }
}
