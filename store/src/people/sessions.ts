import { createHash, randomBytes } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { SessionRow, UserRow } from '../database/tables.ts'

export interface NewSession {
  readonly userId: number
  readonly userAgent: string
  /** For signing out at the provider too. */
  readonly idToken?: string | null
}

/** How long a session lasts, in milliseconds. */
export const sessionLife = {
  /** Without a request. */
  idleMs: 7 * 86_400_000,
  /** In any case. */
  wholeMs: 30 * 86_400_000,
  /** What is known of the last request is this old at most. */
  seenEveryMs: 60_000,
} as const

/** Sign-ins of browsers. The cookie's value is 256 random bits, of which only the hash is kept. */
export class Sessions extends Repository {
  /** The value is told only here. */
  async create({ userId, userAgent, idToken = null }: NewSession, now = this.now()): Promise<string> {
    const value = randomBytes(32).toString('base64url')
    await this.db
      .insertInto('wikifarm_sessions')
      .values({
        session_hash: hashOf(value),
        user_id: userId,
        csrf_token: randomBytes(32).toString('base64url'),
        user_agent: userAgent.replaceAll(/\p{Cc}/gu, ' ').slice(0, 250),
        id_token: idToken,
        ...{ created_at: now, seen_at: now, expires_at: now + sessionLife.idleMs },
      })
      .execute()
    return value
  }

  /** The session of that cookie and its user; nobody's when it has ended, or its user is blocked. */
  async byValue(
    value: string,
    now = this.now(),
  ): Promise<{ readonly session: SessionRow; readonly user: UserRow } | undefined> {
    const session = await this.db
      .selectFrom('wikifarm_sessions')
      .selectAll()
      .where('session_hash', '=', hashOf(value))
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (session === undefined) return undefined
    const user = await this.db
      .selectFrom('wikifarm_users')
      .selectAll()
      .where('user_id', '=', session.user_id)
      .where('blocked_at', 'is', null)
      .executeTakeFirst()
    return user && { session, user }
  }

  /** Puts the end off, never beyond the longest life. Writes once a minute at most. */
  async seen(session: SessionRow, now = this.now()): Promise<SessionRow> {
    const { session_hash: hash, created_at: createdAt, seen_at: seenAt } = session
    if (now - seenAt < sessionLife.seenEveryMs) return session
    const change = {
      seen_at: now,
      expires_at: Math.min(now + sessionLife.idleMs, createdAt + sessionLife.wholeMs),
    }
    await this.db.updateTable('wikifarm_sessions').set(change).where('session_hash', '=', hash).execute()
    return { ...session, ...change }
  }

  /** Those that have not ended, the latest first. */
  async of(userId: number, now = this.now()): Promise<SessionRow[]> {
    return this.db
      .selectFrom('wikifarm_sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('expires_at', '>', now)
      .orderBy('seen_at', 'desc')
      .orderBy('session_hash')
      .execute()
  }

  async end(sessionHash: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_sessions').where('session_hash', '=', sessionHash).execute()
  }

  /** @throws Refusal `session_not_found` when the user has no such session */
  async endById(userId: number, id: string): Promise<void> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_sessions')
      .where('user_id', '=', userId)
      .where('session_hash', 'like', `${/^[\da-f]{32}$/.test(id) ? id : '-'}%`)
      .executeTakeFirst()
    if (numDeletedRows > 0n) return
    throw new Refusal('session_not_found', 'There is no such sign-in, or it has ended already.')
  }

  async endAllOf(userId: number): Promise<number> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_sessions')
      .where('user_id', '=', userId)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  async forgetEnded(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_sessions').where('expires_at', '<=', now).execute()
  }
}

/** What a session is called in lists: it leads to no cookie. */
export const sessionId = ({ session_hash: hash }: SessionRow): string => hash.slice(0, 32)

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
