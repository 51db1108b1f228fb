import { createHash, randomBytes } from 'node:crypto'
import { Refusal, type TokenScope } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { SessionRow, UserRow } from '../database/tables.ts'
import { endMade, lowest, reachOf, type Reach } from './makers.ts'

export interface NewSession {
  readonly userId: number
  readonly userAgent: string
  /** The visitor's address. */
  readonly from?: string | undefined
  /** For signing out at the provider too. */
  readonly idToken?: string | null
  /** Hash of the token that makes it, and what that may be used for; a person, by signing in, when left out. */
  readonly madeBy?: string | null
  readonly scopes?: readonly TokenScope[] | null
}

/** A session that stands, whom it acts for, and how far because of what made it. */
export interface FoundSession {
  readonly session: SessionRow
  readonly user: UserRow
  readonly reach: Reach
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
  /** The value is told only here. It ends no later than what made it. */
  async create(
    { userId, userAgent, from, idToken = null, madeBy = null, scopes = null }: NewSession,
    now = this.now(),
  ): Promise<string> {
    const reach = await reachOf(this.db, madeBy, now)
    if (reach === undefined) throw new Refusal('unauthenticated', 'What made this sign-in acts no more.')
    const value = randomBytes(32).toString('base64url')
    await this.db
      .insertInto('wikifarm_sessions')
      .values({
        session_hash: hashOf(value),
        user_id: userId,
        csrf_token: randomBytes(32).toString('base64url'),
        user_agent: userAgent.replaceAll(/\p{Cc}/gu, ' ').slice(0, 250),
        id_token: idToken,
        ...{ made_by: madeBy, scopes: scopes === null ? null : scopes.join(' ') },
        ...{ created_at: now, seen_at: now, made_from: from ?? null, seen_from: from ?? null },
        expires_at: Math.min(now + sessionLife.idleMs, reach.endsAt ?? Infinity),
      })
      .execute()
    return value
  }

  /** The session of that cookie and its user; nobody's when it has ended, or its user is blocked. */
  async byValue(value: string, now = this.now()): Promise<FoundSession | undefined> {
    const hash = hashOf(value)
    return (await this.standing([hash], now)).get(hash)
  }

  /** Those of them that have not ended and whose users are not blocked, by their hashes. */
  async standing(hashes: readonly string[], now = this.now()): Promise<Map<string, FoundSession>> {
    const found = new Map<string, FoundSession>()
    if (hashes.length === 0) return found
    const sessions = await this.db
      .selectFrom('wikifarm_sessions')
      .selectAll()
      .where('session_hash', 'in', [...hashes])
      .where('expires_at', '>', now)
      .execute()
    if (sessions.length === 0) return found
    const users = await this.db
      .selectFrom('wikifarm_users')
      .selectAll()
      .where('user_id', 'in', [...new Set(sessions.map(({ user_id: id }) => id))])
      .where('blocked_at', 'is', null)
      .execute()
    const byId = new Map(users.map((user) => [user.user_id, user]))
    for (const session of sessions) {
      const user = byId.get(session.user_id)
      if (user === undefined) continue
      const reach = await reachOf(this.db, session.made_by, now)
      if (reach === undefined) continue
      const role = lowest(reach.role, user.role)
      found.set(session.session_hash, { session, reach, user: { ...user, role } })
    }
    return found
  }

  /** Puts the end off, never beyond the longest life, nor that of what made it. Writes once a minute at most. */
  async seen(
    session: SessionRow,
    now = this.now(),
    { endsAt }: Pick<Reach, 'endsAt'> = { endsAt: null },
    from?: string,
  ): Promise<SessionRow> {
    const { session_hash: hash, created_at: createdAt, seen_at: seenAt } = session
    if (now - seenAt < sessionLife.seenEveryMs) return session
    const change = {
      seen_at: now,
      ...(from !== undefined && { seen_from: from }),
      expires_at: Math.min(
        ...[now + sessionLife.idleMs, createdAt + sessionLife.wholeMs, endsAt ?? Infinity],
      ),
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

  /** As its user signs out: what was made in it stays. */
  async end(sessionHash: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_sessions').where('session_hash', '=', sessionHash).execute()
  }

  /** With all that was made in it. @throws Refusal `session_not_found` when the user has no such session */
  async endById(userId: number, id: string): Promise<void> {
    const row = await this.db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('user_id', '=', userId)
      .where('session_hash', 'like', `${/^[\da-f]{32}$/.test(id) ? id : '-'}%`)
      .executeTakeFirst()
    if (row === undefined) {
      throw new Refusal('session_not_found', 'There is no such sign-in, or it has ended already.')
    }
    await this.end(row.session_hash)
    await endMade(this.db, { sessions: [row.session_hash] })
  }

  /** With all that was made in them. */
  async revokeAllOf(userId: number): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('user_id', '=', userId)
      .execute()
    const ended = await this.endAllOf(userId)
    await endMade(this.db, { sessions: rows.map(({ session_hash: hash }) => hash) })
    return ended
  }

  /** What was made in them stays. */
  async endAllOf(userId: number): Promise<number> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_sessions')
      .where('user_id', '=', userId)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  /** Holds the session until the transaction ends, so that it cannot end while something is made in it. False: it has. */
  async hold(sessionHash: string): Promise<boolean> {
    const query = this.db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('session_hash', '=', sessionHash)
    return (await this.locked(query).executeTakeFirst()) !== undefined
  }

  async forgetEnded(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_sessions').where('expires_at', '<=', now).execute()
  }
}

/** What a session is called in lists: it leads to no cookie. */
export const sessionId = ({ session_hash: hash }: SessionRow): string => hash.slice(0, 32)

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
