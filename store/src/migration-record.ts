/**
 * What records which migrations were made, on MariaDB: Kysely's own tables, made before Kysely would. It would take the
 * database's default character set, and of a binary one, as MediaWiki's often is, it cannot read the names.
 */
const tail = 'engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin'

export const migrationRecord = [
  `create table if not exists \`wikifarm_migrations\` (\`name\` varchar(255) not null primary key, \`timestamp\` varchar(255) not null) ${tail}`,
  `create table if not exists \`wikifarm_migrations_lock\` (\`id\` varchar(255) not null primary key, \`is_locked\` integer default 0 not null) ${tail}`,
  "insert ignore into `wikifarm_migrations_lock` (`id`, `is_locked`) values ('migration_lock', 0)",
]
