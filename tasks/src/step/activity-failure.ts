/**
 * The activities' one door from errors to Temporal's failures: a refusal is final and carries its code as the
 * failure's type; everything else is a fault that Temporal retries. A driver's own text never passes: one failing
 * statement would put its password into the history.
 */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { Refusal, farmManagerApiError, type RefusalCode } from '@wikistead/contracts'
import { hideSecrets } from '@wikistead/contracts/hide-secrets'
import { isStoreFault } from '@wikistead/store'
import { backOffMs, type AttemptInfo } from './next-attempt.ts'

export type { AttemptInfo } from './next-attempt.ts'

export interface Classified {
  /** True when the same attempt would end the same way. */
  readonly final: boolean
  readonly code: RefusalCode
  /** The cause in words that may be shown to the task's owner. */
  readonly cause: string
  readonly retryAfterMs?: number
}

/** A fault whose message was written for people and holds no secret. */
export interface ExplainedFault extends Error {
  readonly final: false
  /** What the task ends with when no attempt is left; `fault` when it is left out. */
  readonly code?: RefusalCode
  readonly retryAfterMs?: number
}

export function classify(error: unknown): Classified {
  const classified = classifyPlainly(error)
  return { ...classified, cause: hideSecrets(classified.cause) }
}

function classifyPlainly(error: unknown): Classified {
  if (error instanceof Refusal) return { final: true, code: error.code, cause: error.message }
  if (isExplained(error)) {
    const { code = 'fault', retryAfterMs } = error
    return {
      ...{ final: false, code },
      cause: error.message,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    }
  }
  if (isStoreFault(error)) return { final: false, code: 'store_unavailable', cause: databaseFault }
  return { final: false, code: 'fault', cause: isDatabaseError(error) ? databaseFault : unknownFault }
}

/** What Temporal is told of a failed attempt. Cancellation passes as it is. */
export function toActivityFailure(error: unknown, info: AttemptInfo): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error
  if (isCancellation(error)) return error
  const { final, code, cause, retryAfterMs } = classify(error)
  return ApplicationFailure.create({
    message: cause,
    type: final && farmCodes.has(code) ? farmManagerApiError : code,
    nonRetryable: final,
    details: [{ code }],
    // A delay of zero would tell Temporal not to try again at all.
    ...(retryAfterMs !== undefined && retryAfterMs > backOffMs(info) && { nextRetryDelay: retryAfterMs }),
  })
}

/** The farm's own final answers have the founding document's type. */
const farmCodes: ReadonlySet<string> = new Set([
  'farm_conflict',
  'farm_forbidden',
  'farm_unauthorized',
  'farm_rejected',
] satisfies RefusalCode[])

const databaseFault = 'The database could not be reached or did not take the change.'
const unknownFault = 'An unexpected fault; the operator finds its details in the log.'

function isExplained(error: unknown): error is ExplainedFault {
  return error instanceof Error && 'final' in error && error.final === false
}

function isCancellation(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CancelledFailure')
}

function isDatabaseError(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    ('errno' in error || 'errcode' in error || 'sqlState' in error)
  )
}
