/** What an error that reached a workflow means for its task, told by types and codes: never by `instanceof` alone. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
} from '@temporalio/workflow'
import { fedWikiSentences } from '@wikistead/contracts/fedwiki-workflows'
import { isRefusalCode, type RefusalCode } from '@wikistead/contracts/refusals'
import { sentences } from '@wikistead/contracts/sentences'

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
  const { activityType, cause } = error
  // A time-out of the last attempt says nothing: the farm's activities wait for little else.
  if (!(cause instanceof ApplicationFailure))
    return exhausted(farmsOwn.test(activityType) ? 'farm_unavailable' : 'fault')
  const code = codeOf(cause)
  return isExhausted(code) ? exhausted(code) : { code, message: cause.message }
}

/** All attempts are used up: at the farm's doors, at our own database's, or for a reason that nobody foresaw. */
type Exhausted = 'farm_unavailable' | 'store_unavailable' | 'fault'

const isExhausted = (code: RefusalCode): code is Exhausted =>
  code === 'farm_unavailable' || code === 'store_unavailable' || code === 'fault'

const exhausted = (code: Exhausted): FailedOutcome => ({
  code,
  message: code === 'farm_unavailable' ? fedWikiSentences[code] : sentences[code],
})

const farmsOwn = /FedWikiSites?Activity$/

function codeOf(failure: ApplicationFailure): RefusalCode {
  const detail = failure.details?.[0] as { readonly code?: unknown } | undefined
  const code = detail?.code ?? failure.type
  return isRefusalCode(code) ? code : 'fault'
}
