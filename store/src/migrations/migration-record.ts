/**
 * What records which migrations were made. On MariaDB with a character set of its own: the database's may be binary, as
 * MediaWiki's often is. The table of the lock is what releases that had Kysely's migrator look for.
 */
import type { StoreEngine } from '../database/store-engine.ts'

const tail = 'engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin'

export const migrationRecord: Readonly<Record<StoreEngine, readonly string[]>> = {
  mariadb: [
    `create table if not exists \`wikifarm_migrations\` (\`name\` varchar(255) not null primary key, \`timestamp\` varchar(255) not null) ${tail}`,
    `create table if not exists \`wikifarm_migrations_lock\` (\`id\` varchar(255) not null primary key, \`is_locked\` integer default 0 not null) ${tail}`,
    "insert ignore into `wikifarm_migrations_lock` (`id`, `is_locked`) values ('migration_lock', 0)",
  ],
  sqlite: [
    'create table if not exists "wikifarm_migrations" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null)',
    'create table if not exists "wikifarm_migrations_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null)',
    `insert or ignore into "wikifarm_migrations_lock" ("id", "is_locked") values ('migration_lock', 0)`,
  ],
}
