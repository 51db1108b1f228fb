import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** Wikis `w` as others are shown them: with what an operator may have decided of each. */
export const wikisWithSuspension = (db: Kysely<Tables>) =>
  db
    .selectFrom('wikifarm_wikis as w')
    .leftJoin('wikifarm_suspensions as suspension', 'suspension.wiki_id', 'w.wiki_id')
    .selectAll('w')
    .select(suspensionColumns)

export const suspensionColumns = [
  'suspension.suspended_at',
  'suspension.suspended_by',
  'suspension.suspension_reason',
  'suspension.suspension_due',
] as const
