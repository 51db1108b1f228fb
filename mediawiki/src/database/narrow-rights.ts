/**
 * Wikis that an earlier release made have all rights on their databases. What their users do not need is taken away,
 * and what they made with it is told of: it is the wiki's, and harms nobody as long as no administrator reads it.
 */
import { escapeId } from 'mysql2'
import { databaseName } from '../names/slug.ts'
import { escapePattern } from './database-claim.ts'
import {
  withDatabaseServer,
  type AdminConnection,
  type DatabaseServer,
  type DatabaseWork,
} from './database-server.ts'
import { account, anyHost, endConnections } from './database-user.ts'
import { allOf, excessOf, wikiRights, type HeldRight } from './wiki-rights.ts'

export interface Narrowed {
  readonly slug: string
  /** As REVOKE names them. */
  readonly rights: readonly string[]
  /** Views, routines, triggers and events in its database, e.g. `view updatelog`. */
  readonly leftBehind: readonly string[]
}

/** The server's users who have more on the database of their name than a wiki's user needs, a wiki's or not. */
export async function usersWithMore(admin: AdminConnection): Promise<Set<string>> {
  const needed = [...wikiRights, 'USAGE']
  const held = await admin.rows<{ grantee: string; pattern: string }>(
    `SELECT DISTINCT GRANTEE AS grantee, TABLE_SCHEMA AS pattern FROM information_schema.SCHEMA_PRIVILEGES
      WHERE IS_GRANTABLE = 'YES' OR PRIVILEGE_TYPE NOT IN (${needed.map(() => '?').join(', ')})`,
    needed,
  )
  const routines = await admin.rows<{ user: string }>(
    'SELECT DISTINCT User AS user FROM mysql.procs_priv WHERE Host = ? AND Db = User',
    [anyHost],
  )
  const onOwn = held
    .map(({ grantee, pattern }) => ({ grantee, user: pattern.replaceAll('\\', '') }))
    .filter(({ grantee, user }) => grantee === account(user))
  return new Set([...onOwn, ...routines].map(({ user }) => user))
}

/** @returns what the wiki's user lost; undefined when it had no more than it needs, or is not there */
export async function narrowRights(
  server: DatabaseServer,
  slug: string,
  work: DatabaseWork = {},
): Promise<Narrowed | undefined> {
  const database = databaseName(slug)
  return withDatabaseServer(server, database, work, async (admin) => {
    const rights = excessOf(await heldBy(admin, database))
    const routines = await routinesOf(admin, database)
    if (rights.length === 0 && routines.length === 0) return undefined
    if (rights.length > 0) {
      await admin.run(`REVOKE ${rights.join(', ')} ON ${allOf(database)} FROM ${account(database)}`)
    }
    // Who makes a routine gets rights on it besides.
    for (const { kind, name } of routines) {
      const routine = `${escapeId(database, true)}.${escapeId(name, true)}`
      await admin.run(
        `REVOKE EXECUTE, ALTER ROUTINE, GRANT OPTION ON ${kind} ${routine} FROM ${account(database)}`,
      )
    }
    // A connection keeps the rights on its database that it had when it began.
    await endConnections(admin, database)
    return { slug, rights, leftBehind: await runnableIn(admin, database) }
  })
}

async function heldBy(admin: AdminConnection, user: string): Promise<HeldRight[]> {
  return admin.rows<HeldRight>(
    `SELECT PRIVILEGE_TYPE AS \`right\`, IS_GRANTABLE AS grantable FROM information_schema.SCHEMA_PRIVILEGES
      WHERE GRANTEE = ? AND TABLE_SCHEMA = ?`,
    [account(user), escapePattern(user)],
  )
}

interface Routine {
  readonly kind: 'FUNCTION' | 'PROCEDURE'
  readonly name: string
}

async function routinesOf(admin: AdminConnection, user: string): Promise<Routine[]> {
  return admin.rows<Routine>(
    `SELECT Routine_type AS kind, Routine_name AS name FROM mysql.procs_priv
      WHERE User = ? AND Host = ? AND Db = ? AND Routine_type IN ('FUNCTION', 'PROCEDURE')`,
    [user, anyHost, user],
  )
}

/** None of these questions runs what it asks for. */
async function runnableIn(admin: AdminConnection, database: string): Promise<string[]> {
  const rows = await admin.rows<{ kind: string; name: string }>(
    `SELECT 'view' AS kind, TABLE_NAME AS name FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'VIEW'
      UNION ALL SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?
      UNION ALL SELECT LOWER(type), name FROM mysql.proc WHERE db = ?
      UNION ALL SELECT 'event', name FROM mysql.event WHERE db = ?`,
    [database, database, database, database],
  )
  return rows.map(({ kind, name }) => `${kind} ${name}`)
}
