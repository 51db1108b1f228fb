/** What an error that reached a workflow means for its task, told by types and codes: never by `instanceof` alone. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
} from '@temporalio/workflow'
import { sentences } from '@wikistead/contracts/fedwiki-workflows'
import { isRefusalCode, type RefusalCode } from '@wikistead/contracts/refusals'

export interface FailedOutcome {
  readonly code: RefusalCode
  /** A sentence for the user. */
  readonly message: string
}

export function failedOutcome(error: unknown): FailedOutcome {
  const outcome = outcomeOf(error)
  // An attempt whose worker was lost while the cancellation was on its way ends as a time-out.
  return isCancelled() && outcome.code !== 'fenced' ? cancelled : outcome
}

/** A workflow that Temporal was told to cancel ends as cancelled, whatever its last activity ended with. */
export function throwIfCancelled(error: unknown): void {
  if (isCancelled()) throw isCancellation(error) ? error : new CancelledFailure(cancelled.message)
}

const cancelled: FailedOutcome = { code: 'cancelled', message: sentences.cancelled }

const isCancelled = (): boolean => CancellationScope.current().consideredCancelled

function outcomeOf(error: unknown): FailedOutcome {
  if (isCancellation(error)) return cancelled
  if (!(error instanceof ActivityFailure)) throw error // A fault of the workflow itself: Temporal keeps it alive.
  const { cause } = error
  if (!(cause instanceof ApplicationFailure)) return exhausted(error) // A time-out of the last attempt.
  const code = codeOf(cause)
  if (code === 'fault') return exhausted(error)
  return { code, message: cause.message }
}

/** All attempts are used up: at the farm's doors, or in our own house. */
function exhausted({ activityType }: ActivityFailure): FailedOutcome {
  const code = ownActivities.has(activityType) ? 'fault' : 'farm_unavailable'
  return { code, message: sentences[code] }
}

const ownActivities: ReadonlySet<string> = new Set(['CheckQuotaActivity', 'SyncSitesToDBActivity'])

function codeOf(failure: ApplicationFailure): RefusalCode {
  const detail = failure.details?.[0] as { readonly code?: unknown } | undefined
  const code = detail?.code ?? failure.type
  return isRefusalCode(code) ? code : 'fault'
}
