import type { Info } from '@temporalio/activity'

/** When Temporal will try again (milliseconds since 1970), or undefined when this was the last attempt. */
export function nextAttemptAt(
  { attempt, retryPolicy = {} }: Pick<Info, 'attempt' | 'retryPolicy'>,
  now: number,
  retryAfterMs?: number,
): number | undefined {
  const { backoffCoefficient = 2, maximumAttempts = 0 } = retryPolicy
  if (maximumAttempts > 0 && attempt >= maximumAttempts) return undefined
  if (retryAfterMs !== undefined) return now + retryAfterMs
  const first = milliseconds(retryPolicy.initialInterval) ?? 1_000
  const cap = milliseconds(retryPolicy.maximumInterval) ?? first * 100
  return now + Math.min(first * backoffCoefficient ** (attempt - 1), cap)
}

/** The server's policy always has numbers; the type also allows what a person would write. */
const milliseconds = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
