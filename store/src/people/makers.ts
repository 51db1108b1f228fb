/**
 * What a credential was made by, and how far it may reach because of that. A token or a session that another token made
 * acts only while that one does, and all those above it; and it ranks no higher than whoever held them.
 */
import { roles, type Role } from '@wikistead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** In place of a maker: the token of a data folder, whose end its processes put off as long as they run. */
export const ofDataFolder = 'data_folder'

/** What makes something: it is kept with what is made. */
export interface Maker {
  /** Hash of the token by which it is made, or which made the session in which it is; null: a person, by signing in. */
  readonly madeBy: string | null
  /** Hash of the session in which it is made. */
  readonly madeIn: string | null
}

export const madeByNobody: Maker = { madeBy: null, madeIn: null }

export interface Reach {
  /** When the first of all that made it ends; null: none of them has an end that is known. */
  readonly endsAt: number | null
  /** The least that any of those has been given who held one of them; null: nothing made it. */
  readonly role: Role | null
  /** How many made it, one the other. */
  readonly depth: number
}

/** A line of makers that is longer acts for nobody: each of them is looked up at every request. */
export const longestLine = 4

/** How far something may reach that the token made; undefined: that one acts no more. */
export async function reachOf(
  db: Kysely<Tables>,
  madeBy: string | null,
  now: number,
): Promise<Reach | undefined> {
  let reach: Reach = { endsAt: null, role: null, depth: 0 }
  let hash = madeBy
  while (hash !== null && hash !== ofDataFolder) {
    if (reach.depth === longestLine) return undefined
    const maker = await makerOf(db, hash, now)
    if (maker === undefined) return undefined
    reach = {
      endsAt: earliest(reach.endsAt, endOf(maker)),
      role: lowest(reach.role, maker.role),
      depth: reach.depth + 1,
    }
    hash = maker.made_by
  }
  return reach
}

/** Whoever made a token for somebody else answers for it: it acts while they may, and as little as they may. */
async function makerOf(db: Kysely<Tables>, hash: string, now: number) {
  const row = await db
    .selectFrom('wikifarm_tokens as t')
    .innerJoin('wikifarm_users as u', 'u.user_id', 't.user_id')
    .select(['t.expires_at', 't.made_by', 't.vouched_by', 'u.role'])
    .where('t.token_hash', '=', hash)
    .where('u.blocked_at', 'is', null)
    .where((where) => where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>', now)]))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const vouching = row.vouched_by === null ? row.role : await roleOfVoucher(db, row.vouched_by)
  return vouching && { ...row, role: lowest(vouching, row.role) }
}

/** What whoever answers for a token is now; undefined: nobody who may. */
export async function roleOfVoucher(db: Kysely<Tables>, userId: number): Promise<Role | undefined> {
  const row = await db
    .selectFrom('wikifarm_users')
    .select('role')
    .where('user_id', '=', userId)
    .where('blocked_at', 'is', null)
    .executeTakeFirst()
  return row?.role
}

/** When a token ends, as far as that is known. */
export const endOf = (token: { readonly expires_at: number | null; readonly made_by: string | null }) =>
  token.made_by === ofDataFolder ? null : token.expires_at

export const earliest = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.min(one, other)

export const lowest = (one: Role | null, other: Role): Role =>
  one === null || roles.indexOf(other) < roles.indexOf(one) ? other : one

/**
 * Takes away what the tokens and sessions made, and what that made in turn. Nothing of it would act any more; so it is in
 * no list, either.
 */
export async function endMade(
  db: Kysely<Tables>,
  made: { readonly tokens?: readonly string[]; readonly sessions?: readonly string[] },
  now: number,
): Promise<void> {
  let tokens = made.tokens ?? []
  let sessions = made.sessions ?? []
  while (tokens.length > 0 || sessions.length > 0) {
    const by = ['', ...tokens]
    const within = ['', ...sessions]
    await db
      .updateTable('wikifarm_transfers')
      .set({ status: 'withdrawn' })
      .where('status', '=', 'offered')
      .where((where) => where.or([where('made_by', 'in', by), where('made_in', 'in', within)]))
      .execute()
    await db
      .updateTable('wikifarm_invitations')
      .set({ ended_at: now })
      .where('ended_at', 'is', null)
      .where((where) => where.or([where('made_by', 'in', by), where('made_in', 'in', within)]))
      .execute()
    await db
      .deleteFrom('wikifarm_read_invitations')
      .where((where) => where.or([where('made_by', 'in', by), where('made_in', 'in', within)]))
      .execute()
    const nextTokens = await db
      .selectFrom('wikifarm_tokens')
      .select('token_hash')
      .where((where) => where.or([where('made_by', 'in', by), where('made_in', 'in', within)]))
      .execute()
    const nextSessions = await db
      .selectFrom('wikifarm_sessions')
      .select('session_hash')
      .where('made_by', 'in', by)
      .execute()
    tokens = nextTokens.map(({ token_hash: hash }) => hash)
    sessions = nextSessions.map(({ session_hash: hash }) => hash)
    if (tokens.length > 0) await db.deleteFrom('wikifarm_tokens').where('token_hash', 'in', tokens).execute()
    if (sessions.length > 0)
      await db.deleteFrom('wikifarm_sessions').where('session_hash', 'in', sessions).execute()
  }
}
