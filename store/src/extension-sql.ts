/**
 * The migrations as one file of MariaDB's SQL, for a MediaWiki whose extension comes before Wikistead: the same tables,
 * and the same record of what was done, so that whichever side is second finds its work done.
 */
import { migrationRecord } from './migrations/migration-record.ts'
import { migrations } from './migrations/migrations.ts'

/** What `extension/sql/tables.sql` holds. Every statement may be run again. */
export function extensionSql(): string {
  const sections = migrations('mariadb').map(({ name, needs, steps }) =>
    [
      `-- migration ${name}`,
      ...(needs === undefined ? [] : [needed(name, needs)]),
      ...steps.map((step) => `${step.sql};`),
      recorded(name),
    ].join('\n'),
  )
  return `${header}\n${migrationRecord.mariadb.join(';\n')};\n\n${sections.join('\n\n')}\n`
}

const header = `-- The tables of Wikistead's store, for MariaDB. Written by \`npm run docs\` from store/src/migrations.
-- One statement a line. A migration whose name is in wikifarm_migrations was made already, by either side.
`

const needed = (name: string, release: string): string =>
  `insert ignore into \`wikifarm_settings\` (\`name\`, \`value\`) values ('schema_needs/${name}', '${release}');`

const recorded = (name: string): string =>
  `insert ignore into \`wikifarm_migrations\` (\`name\`, \`timestamp\`) values ('${name}', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));`
