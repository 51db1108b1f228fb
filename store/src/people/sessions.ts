import { createHash, randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, type TokenScope } from '@wikistead/contracts'
import type { Kysely } from 'kysely'
import { Repository } from '../database/repository.ts'
import type { StoreClock } from '../database/store-clock.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import type { SessionRow, Tables, UserRow } from '../database/tables.ts'
import { endMade, lowest, reachOf, type Reach } from './makers.ts'
import { isEndedThere, type EndedThere } from './ended-there.ts'
import { endOfSession, operatorSessionLife, sessionLife, type SessionLife } from './session-life.ts'

export interface NewSession {
  readonly userId: number
  readonly userAgent: string
  /** The visitor's address. */
  readonly from?: string | undefined
  /** For signing out at the provider too. */
  readonly idToken?: string | null
  /** As the provider knows who signed in, and where. */
  readonly providerSubject?: string | null
  readonly providerSession?: string | null
  /** Where the browser signs in anew, if not at the provider or by a link. */
  readonly begunAt?: 'hub' | null
  /** When a person showed who they are; never, when left out. */
  readonly provenAt?: number | null
  /** By what of an account of ours; by something else, when left out. */
  readonly provenBy?: SessionRow['proven_by']
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

/** Sign-ins of browsers. The cookie's value is 256 random bits, of which only the hash is kept. */
export class Sessions extends Repository {
  readonly #ofOperators: SessionLife

  constructor(
    db: Kysely<Tables>,
    engine: StoreEngine,
    clock: StoreClock,
    ofOperators: SessionLife = operatorSessionLife,
  ) {
    super(db, engine, clock)
    this.#ofOperators = ofOperators
  }

  /** The value is told only here. It ends no later than what made it. */
  async create(
    { userId, userAgent, from, madeBy = null, scopes = null, ...proof }: NewSession,
    now = this.now(),
  ): Promise<string> {
    const { idToken = null, providerSubject = null, providerSession = null } = proof
    const { provenAt = null, provenBy = null, begunAt = null } = proof
    const reach = await reachOf(this.db, madeBy, now)
    if (reach === undefined) throw new Refusal('unauthenticated', 'What made this sign-in acts no more.')
    const value = randomBytes(32).toString('base64url')
    meetSecret(value)
    await this.db
      .insertInto('wikifarm_sessions')
      .values({
        session_hash: hashOf(value),
        user_id: userId,
        csrf_token: randomBytes(32).toString('base64url'),
        user_agent: userAgent.replaceAll(/\p{Cc}/gu, ' ').slice(0, 250),
        ...{ id_token: idToken, provider_subject: providerSubject, provider_session: providerSession },
        ...{ proven_at: provenAt, proven_by: provenBy, begun_at: begunAt },
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
      const endsAt = endOfSession(session, role, this.#ofOperators)
      if (endsAt <= now) continue
      const shown = { ...session, expires_at: endsAt }
      found.set(session.session_hash, { session: shown, reach, user: { ...user, role } })
    }
    return found
  }

  /** Puts the end off, never beyond the longest life, nor that of what made it. Writes once a minute at most. */
  async seen({ session, user, reach }: FoundSession, now = this.now(), from?: string): Promise<SessionRow> {
    const { session_hash: hash, created_at: createdAt, seen_at: seenAt } = session
    if (now - seenAt < sessionLife.seenEveryMs) return session
    const change = {
      seen_at: now,
      ...(from !== undefined && { seen_from: from }),
      expires_at: Math.min(
        ...[now + sessionLife.idleMs, createdAt + sessionLife.wholeMs, reach.endsAt ?? Infinity],
      ),
    }
    await this.db.updateTable('wikifarm_sessions').set(change).where('session_hash', '=', hash).execute()
    const seen = { ...session, ...change }
    return { ...seen, expires_at: endOfSession(seen, user.role, this.#ofOperators) }
  }

  /** Those that have not ended, the latest first. */
  async of(userId: number, now = this.now()): Promise<SessionRow[]> {
    const rows = await this.db
      .selectFrom('wikifarm_sessions as s')
      .innerJoin('wikifarm_users as u', 'u.user_id', 's.user_id')
      .selectAll('s')
      .select('u.role')
      .where('s.user_id', '=', userId)
      .where('s.expires_at', '>', now)
      .orderBy('s.seen_at', 'desc')
      .orderBy('s.session_hash')
      .execute()
    return rows
      .map(({ role, ...row }) => ({ ...row, expires_at: endOfSession(row, role, this.#ofOperators) }))
      .filter(({ expires_at: endsAt }) => endsAt > now)
  }

  /** As its user signs out: what was made in it stays. */
  async end(sessionHash: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_sessions').where('session_hash', '=', sessionHash).execute()
  }

  /** Ends it for the one that takes its place in the same browser: what was made in it is now made in that one. */
  async replace(sessionHash: string, value: string): Promise<void> {
    await this.end(sessionHash)
    for (const table of ['wikifarm_tokens', 'wikifarm_transfers'] as const) {
      await this.db
        .updateTable(table)
        .set({ made_in: hashOf(value) })
        .where('made_in', '=', sessionHash)
        .execute()
    }
  }

  /**
   * Ends those that the provider says have ended there. What was made in them stays, as when their users sign out. Gives
   * whose they were.
   */
  async endThere(ended: EndedThere): Promise<number[]> {
    const all = this.db
      .selectFrom('wikifarm_sessions')
      .select(['session_hash', 'user_id', 'id_token', 'provider_subject', 'provider_session'])
    const some =
      ended.kind === 'session'
        ? all.where('provider_session', '=', ended.session)
        : all.where('user_id', '=', ended.userId)
    const rows = (await some.execute()).filter((row) => isEndedThere(row, ended))
    for (const { session_hash: hash } of rows) await this.end(hash)
    return [...new Set(rows.map(({ user_id: id }) => id))]
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
    await endMade(this.db, { sessions: [row.session_hash] }, this.now())
  }

  /** With all that was made in them. */
  async revokeAllOf(userId: number): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('user_id', '=', userId)
      .execute()
    const ended = await this.endAllOf(userId)
    await endMade(this.db, { sessions: rows.map(({ session_hash: hash }) => hash) }, this.now())
    return ended
  }

  /** Every one but this, with all that was made in them. */
  async revokeOthersOf(userId: number, sessionHash: string): Promise<void> {
    const rows = await this.db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('user_id', '=', userId)
      .where('session_hash', '!=', sessionHash)
      .execute()
    const hashes = rows.map(({ session_hash: hash }) => hash)
    for (const hash of hashes) await this.end(hash)
    await endMade(this.db, { sessions: hashes }, this.now())
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
