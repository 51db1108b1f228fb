/** What an answer means that is not the one that was asked for. */
import { isFinalStatus, FarmError, FarmFault } from './farm-error.ts'
import type { FarmAnswer, Operation } from './farm-connection.ts'
import { noSuchSiteAnswer } from './farm-manager-answers.ts'

export function failureOf({ status, retryAfterMs }: FarmAnswer, operation: Operation): FarmError | FarmFault {
  if (isFinalStatus(status)) return new FarmError(status)
  const { mayHaveReachedFarm } = operation
  return new FarmFault(words(status), { mayHaveReachedFarm, status, retryAfterMs })
}

/** FarmManager's own word that there is no such site. */
export function isNoSuchSite({ status, json }: FarmAnswer): boolean {
  return status === 404 && noSuchSiteAnswer.safeParse(json).success
}

/** A 404 of somebody else: of a farm that has not opened its admin host yet, of a proxy, of a farm without FarmManager. */
export function isForeign404(answer: FarmAnswer): boolean {
  return answer.status === 404 && !isNoSuchSite(answer)
}

/** Whether the farm, or what stands before it, is in trouble or asks us to come back. */
export function isTrouble({ status }: FarmAnswer): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

function words(status: number): string {
  if (status >= 300 && status < 400)
    return `The farm answered with a redirect (${status}), which is not followed.`
  if (status === 404) return 'The farm does not serve FarmManager on its admin host (404).'
  if (status === 429) return 'The farm asks for fewer requests (429).'
  if (status >= 400) return `The farm is in trouble (${status}).`
  return `The farm's answer (${status}) is not one of FarmManager's.`
}
