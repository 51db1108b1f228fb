/** How long a session lasts: as a pure function of its row and of what its user may do now. */
import type { Role } from '@wikistead/contracts'
import type { SessionRow } from '../database/tables.ts'

/** In milliseconds. */
export interface SessionLife {
  /** Without a request. */
  readonly idleMs: number
  /** In any case. */
  readonly wholeMs: number
}

/** Of members. */
export const sessionLife = {
  ...{ idleMs: 7 * 86_400_000, wholeMs: 30 * 86_400_000 },
  /** What is known of the last request is this old at most. */
  seenEveryMs: 60_000,
} as const satisfies SessionLife & { readonly seenEveryMs: number }

/** Of operators and admins, where the settings say nothing else. */
export const operatorSessionLife: SessionLife = { idleMs: 2 * 3_600_000, wholeMs: 12 * 3_600_000 }

type Times = Pick<SessionRow, 'created_at' | 'seen_at' | 'expires_at'>

/**
 * When the session ends if no request comes. The row says it for a member; whoever is more has less time, from the moment
 * on in which they are more.
 */
export function endOfSession(
  { created_at: createdAt, seen_at: seenAt, expires_at: expiresAt }: Times,
  role: Role,
  ofOperators: SessionLife,
): number {
  if (role === 'member') return expiresAt
  return Math.min(expiresAt, seenAt + ofOperators.idleMs, createdAt + ofOperators.wholeMs)
}
