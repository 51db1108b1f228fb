/**
 * Whoever is known by an identity that somebody links was that same person all along: what they have becomes theirs who
 * links. Their row stays, with nothing left to act by, for the audit log names it and is never changed.
 */
import { Refusal } from '@wikistead/contracts'
import type { Kysely } from 'kysely'
import { localIssuer, ownSubjectBeginning, type Identity } from './identity.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { Tables, UserRow } from '../database/tables.ts'

/** Where whoever holds the identity is found, and held. */
interface Holders {
  byIdentity(issuer: string, subject: string): Promise<UserRow | undefined>
  lock(userId: number): Promise<UserRow>
}

/** Within a transaction. @throws Refusal `identity_taken`, `busy` */
export async function takeIdentity(
  db: Kysely<Tables>,
  users: Holders,
  userId: number,
  identity: Identity & { readonly name?: string },
): Promise<void> {
  const { issuer, subject, name = null } = identity
  const held = await users.byIdentity(issuer, subject)
  if (held?.user_id === userId) return
  if (held === undefined) {
    try {
      await db.insertInto('wikifarm_identities').values({ issuer, subject, name, user_id: userId }).execute()
    } catch (error) {
      throw isDuplicate(error) ? taken() : error
    }
    return
  }
  const { user_id: otherId } = held
  // From here on nobody else can link it, and nothing new begins.
  const other = await users.lock(otherId)
  await requireOnlyThat(db, otherId)
  if (other.role !== 'member' || other.blocked_at !== null) throw taken()
  const { numUpdatedRows } = await db
    .updateTable('wikifarm_identities')
    .set({ user_id: userId })
    .where('user_id', '=', otherId)
    .executeTakeFirst()
  // Another was quicker.
  if (numUpdatedRows === 0n) throw taken()
  await moveAll(db, otherId, userId)
}

async function moveAll(db: Kysely<Tables>, from: number, to: number): Promise<void> {
  await db.updateTable('wikifarm_wikis').set({ owner_id: to }).where('owner_id', '=', from).execute()
  await db.updateTable('wikifarm_tasks').set({ user_id: to }).where('user_id', '=', from).execute()
  await db.updateTable('wikifarm_tokens').set({ user_id: to }).where('user_id', '=', from).execute()
  for (const side of ['from_user_id', 'to_user_id'] as const) {
    await db
      .updateTable('wikifarm_transfers')
      .set({ [side]: to })
      .where(side, '=', from)
      .execute()
  }
  // Both may have used the same key; then the one that links goes before.
  const keys = await db
    .selectFrom('wikifarm_idempotency')
    .select('idempotency_key')
    .where('user_id', '=', to)
    .execute()
  await db
    .deleteFrom('wikifarm_idempotency')
    .where('user_id', '=', from)
    .where('idempotency_key', 'in', ['', ...keys.map((row) => row.idempotency_key)])
    .execute()
  await db.updateTable('wikifarm_idempotency').set({ user_id: to }).where('user_id', '=', from).execute()
  // Sign-ins of before, and what was begun in them.
  await db.deleteFrom('wikifarm_sessions').where('user_id', '=', from).execute()
  await db.deleteFrom('wikifarm_once').where('user_id', '=', from).execute()
}

/** Somebody who also signs in another way, or is more than a member, is nobody's to take over. */
async function requireOnlyThat(db: Kysely<Tables>, userId: number): Promise<void> {
  const identities = await db
    .selectFrom('wikifarm_identities')
    .select('issuer')
    .where('user_id', '=', userId)
    // Nobody signs in by it: it goes along.
    .where((where) =>
      where.or([where('issuer', '!=', localIssuer), where('subject', 'not like', `${ownSubjectBeginning}%`)]),
    )
    .limit(2)
    .execute()
  if (identities.length > 1) throw taken()
  const open = await db
    .selectFrom('wikifarm_tasks')
    .select('task_id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (open !== undefined) {
    throw new Refusal('busy', 'A task of this account is at work. Wait for its end, then link.', {
      task_id: open.task_id,
    })
  }
}

const taken = (): Refusal =>
  new Refusal('identity_taken', 'This account is linked to somebody else. Ask an operator of the farm.')
