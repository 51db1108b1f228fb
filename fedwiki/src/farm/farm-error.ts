/**
 * What a farm answers is either final (the same request would get the same answer) or worth another try. Neither kind
 * ever carries a token, an owner.json or a piece of a body: both end up in histories and logs.
 */
import { Refusal, fedWikiSentences } from '@wikistead/contracts'

/** A final answer of the farm. Its message is the sentence for the user. */
export class FarmError extends Refusal {
  declare readonly code: FarmErrorCode
  readonly final = true
  /** Of HTTP. */
  readonly status: number

  constructor(status: number) {
    const code = errorCodes.get(status) ?? 'farm_rejected'
    super(code, fedWikiSentences[code], { status })
    this.name = 'FarmError'
    this.status = status
  }
}

/** No answer, or none that can be believed: try again. */
export class FarmFault extends Error {
  readonly final = false
  readonly code = 'farm_unavailable'
  /**
   * False only when the operation surely did not begin on the farm: no connection, or none of its requests was sent.
   * After a fault that may have reached the farm, a later 409 may be the answer to our own earlier request.
   */
  readonly mayHaveReachedFarm: boolean
  /** Of HTTP, when there was an answer. */
  readonly status?: number
  /** What the farm asked for with 429 or 503. */
  readonly retryAfterMs?: number

  constructor(message: string, { mayHaveReachedFarm, status, retryAfterMs }: FarmFaultDetails) {
    super(message)
    this.name = 'FarmFault'
    this.mayHaveReachedFarm = mayHaveReachedFarm
    if (status !== undefined) this.status = status
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}

export interface FarmFaultDetails {
  readonly mayHaveReachedFarm: boolean
  readonly status?: number | undefined
  readonly retryAfterMs?: number | undefined
}

export type FarmErrorCode = 'farm_unauthorized' | 'farm_forbidden' | 'farm_conflict' | 'farm_rejected'

const errorCodes: ReadonlyMap<number, FarmErrorCode> = new Map([
  [401, 'farm_unauthorized'],
  [403, 'farm_forbidden'],
  [409, 'farm_conflict'],
])

/** Whether the same request would get the same answer: 4xx, save those that tell us to come back. */
export function isFinalStatus(status: number): boolean {
  return status >= 400 && status < 500 && ![404, 408, 425, 429].includes(status)
}

/** Whether the error proves that the farm did nothing: it refused, or never heard of it. */
export function leftNothingOnFarm(error: unknown): boolean {
  return error instanceof FarmFault ? !error.mayHaveReachedFarm : error instanceof FarmError
}
