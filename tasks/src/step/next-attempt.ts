import type { Info } from '@temporalio/activity'

/** What Temporal knows about the attempt that has just failed. */
export type AttemptInfo = Pick<Info, 'attempt' | 'retryPolicy'>

/**
 * When Temporal will try again (milliseconds since 1970), or undefined when this was the last attempt. What the farm
 * asks for (`Retry-After`) is the least it gets: no answer of its own makes us come sooner than the policy does.
 */
export function nextAttemptAt(info: AttemptInfo, now: number, retryAfterMs = 0): number | undefined {
  const { maximumAttempts = 0 } = info.retryPolicy ?? {}
  if (maximumAttempts > 0 && info.attempt >= maximumAttempts) return undefined
  return now + Math.max(backOffMs(info), retryAfterMs)
}

/** How long the policy waits after this attempt. */
export function backOffMs({ attempt, retryPolicy = {} }: AttemptInfo): number {
  const { backoffCoefficient = 2 } = retryPolicy
  const first = milliseconds(retryPolicy.initialInterval) ?? 1_000
  const cap = milliseconds(retryPolicy.maximumInterval) ?? first * 100
  return Math.min(first * backoffCoefficient ** (attempt - 1), cap)
}

/** The server's policy always has numbers; the type also allows what a person would write. */
const milliseconds = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
