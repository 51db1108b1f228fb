/** Which sessions here were begun by what has ended at the provider: as a pure function of their rows. */
import type { SessionRow } from '../database/tables.ts'

/** One of the provider's sessions, or all that somebody has there, or the one of both. */
export type EndedThere =
  | { readonly kind: 'session'; readonly session: string }
  | {
      readonly kind: 'subject'
      readonly subject: string
      /** Whose identity that is. */
      readonly userId: number
      readonly session?: string | undefined
    }

type Begun = Pick<SessionRow, 'id_token' | 'provider_subject' | 'provider_session'>

export function isEndedThere(row: Begun, ended: EndedThere): boolean {
  const { id_token: idToken, provider_subject: subject, provider_session: session } = row
  if (ended.kind === 'session') return session === ended.session
  // A sign-in of a release before this one is known by its ID token alone; one by a link has none, and is not theirs.
  const isTheirs = subject === null ? idToken !== null : subject === ended.subject
  // Where the provider did not tell us its session, it may be that one.
  return isTheirs && (ended.session === undefined || session === null || session === ended.session)
}
