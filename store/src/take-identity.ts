/**
 * A hub's account that acted here before it was linked has a user of its own, whom nobody signs in as. Once it is
 * linked, what that user has is their owner's. The row stays, for the audit log names it.
 */
import { Refusal } from '@wikistead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'
import type { Identity } from './users.ts'

/** Within a transaction. @throws Refusal `identity_taken`, `busy` */
export async function takeIdentity(
  db: Kysely<Tables>,
  userId: number,
  { issuer, subject }: Identity,
): Promise<void> {
  const held = await db
    .selectFrom('wikifarm_identities')
    .select('user_id')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst()
  if (held?.user_id === userId) return
  if (held === undefined) {
    await db.insertInto('wikifarm_identities').values({ issuer, subject, user_id: userId }).execute()
    return
  }
  await requireOnlyThat(db, held.user_id)
  await db
    .updateTable('wikifarm_identities')
    .set({ user_id: userId })
    .where('user_id', '=', held.user_id)
    .execute()
  await db
    .updateTable('wikifarm_wikis')
    .set({ owner_id: userId })
    .where('owner_id', '=', held.user_id)
    .execute()
  await db
    .updateTable('wikifarm_tasks')
    .set({ user_id: userId })
    .where('user_id', '=', held.user_id)
    .execute()
  // A key counts for its user alone.
  await db.deleteFrom('wikifarm_idempotency').where('user_id', '=', held.user_id).execute()
}

/** Somebody who also signs in another way, or is more than a member, is nobody's to take over. */
async function requireOnlyThat(db: Kysely<Tables>, userId: number): Promise<void> {
  const user = await db
    .selectFrom('wikifarm_users')
    .select(['role', 'blocked_at'])
    .where('user_id', '=', userId)
    .executeTakeFirst()
  const identities = await db
    .selectFrom('wikifarm_identities')
    .select('issuer')
    .where('user_id', '=', userId)
    .limit(2)
    .execute()
  if (identities.length > 1 || user?.role !== 'member' || user.blocked_at !== null) {
    throw new Refusal('identity_taken', 'This account of the hub is linked to somebody else.')
  }
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
