/**
 * Whose a database and its user are. The database's comment, written by CREATE DATABASE itself, names the task that
 * made it. MariaDB keeps no comment on users, so the comment also holds a print of the password with which this task
 * is about to make the user, written before it does: the user is this task's if its password has that print. The
 * password is random and known to nobody else, so there is no moment at which a stranger's user could pass for ours,
 * nor one at which ours is not known to be.
 */
import { createHash } from 'node:crypto'
import { escapeId } from 'mysql2'
import type { AdminConnection } from './database-server.ts'
import { requireTaskId } from '../folder/task-marker.ts'

export interface DatabaseClaim {
  readonly task: string
  readonly userPrint?: string | undefined
  /** Its tables are being copied from a fresh wiki's, or all were. */
  readonly clone?: 'begun' | 'done' | undefined
}

export type Claimed = DatabaseClaim | 'foreign' | 'free'

export async function readClaim(admin: AdminConnection, database: string): Promise<Claimed> {
  const [row] = await admin.rows<{ comment: string }>(
    'SELECT SCHEMA_COMMENT AS comment FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  )
  return row === undefined ? 'free' : (parseClaim(row.comment) ?? 'foreign')
}

/** @throws the driver's error `databaseExists` when somebody was quicker */
export const createClaimed = (
  admin: AdminConnection,
  database: string,
  claim: DatabaseClaim,
): Promise<void> =>
  admin.run(
    `CREATE DATABASE ${escapeId(database, true)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT = ?`,
    [formatClaim(claim)],
  )

export const writeClaim = (admin: AdminConnection, database: string, claim: DatabaseClaim): Promise<void> =>
  admin.run(`ALTER DATABASE ${escapeId(database, true)} COMMENT = ?`, [formatClaim(claim)])

/** As MariaDB's own PASSWORD() makes it and `mysql.user` shows it. */
export function passwordHash(password: string): string {
  const once = createHash('sha1').update(password).digest()
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`
}

/** Tells nothing of the password or its hash to who reads the comment. */
export function printOf(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 32)
}

/** For the database in GRANT, which is a pattern as in LIKE. */
export function escapePattern(name: string): string {
  return name.replaceAll(/[_%\\]/g, '\\$&')
}

function formatClaim({ task, userPrint, clone }: DatabaseClaim): string {
  return [
    `wikistead task=${requireTaskId(task)}`,
    ...(userPrint === undefined ? [] : [`user=${userPrint}`]),
    ...(clone === undefined ? [] : [`clone=${clone}`]),
  ].join(' ')
}

const format = /^wikistead task=([A-Za-z0-9_-]+)(?: user=([0-9a-f]{32}))?(?: clone=(begun|done))?$/

function parseClaim(comment: string): DatabaseClaim | undefined {
  const [, task, userPrint, clone] = format.exec(comment) ?? []
  return task === undefined ? undefined : { task, userPrint, clone: clone as DatabaseClaim['clone'] }
}
