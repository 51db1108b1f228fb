/**
 * What records which migrations were made, and what keeps two processes from making them at once. On MariaDB with a
 * character set of its own: the database's may be binary, as MediaWiki's often is. The table of the lock is also what
 * releases that had Kysely's migrator look for.
 */
import { randomBytes } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { tableOptions } from '../database/mariadb-session.ts'
import type { StoreEngine } from '../database/store-engine.ts'

export const migrationRecord: Readonly<Record<StoreEngine, readonly string[]>> = {
  mariadb: [
    `create table if not exists \`wikifarm_migrations\` (\`name\` varchar(255) not null primary key, \`timestamp\` varchar(255) not null) ${tableOptions}`,
    `create table if not exists \`wikifarm_migrations_lock\` (\`id\` varchar(255) not null primary key, \`is_locked\` integer default 0 not null) ${tableOptions}`,
    "insert ignore into `wikifarm_migrations_lock` (`id`, `is_locked`) values ('migration_lock', 0)",
  ],
  sqlite: [
    'create table if not exists "wikifarm_migrations" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null)',
    'create table if not exists "wikifarm_migrations_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null)',
    `insert or ignore into "wikifarm_migrations_lock" ("id", "is_locked") values ('migration_lock', 0)`,
  ],
}

export async function makeRecord(db: Kysely<unknown>, engine: StoreEngine): Promise<void> {
  for (const statement of migrationRecord[engine]) await sql.raw(statement).execute(db)
}

/** What releases before this one lock by, and an extension of theirs. */
export const formerLock = 'ea586330-2c93-47c8-908d-981d9d270f9d'

/**
 * The name of the lock on MariaDB, made up by whoever is first. Every user of the server may take a lock of whatever name
 * and keep it; but only who may read this database finds out what this one is called.
 */
export async function migrationLock(db: Kysely<unknown>): Promise<string> {
  await makeRecord(db, 'mariadb')
  return db.transaction().execute(async (scope) => {
    await sql`select 1 from wikifarm_migrations_lock where id = 'migration_lock' for update`.execute(scope)
    const { rows } = await sql<{
      readonly id: string
    }>`select id from wikifarm_migrations_lock where id like 'wikistead.%'`.execute(scope)
    const [known] = rows
    if (known !== undefined) return known.id
    const name = `wikistead.${randomBytes(16).toString('hex')}`
    await sql`insert into wikifarm_migrations_lock (id) values (${name})`.execute(scope)
    return name
  })
}
