/**
 * The migrations as one file of MariaDB's SQL, for a MediaWiki whose extension comes before Wikistead: the same tables,
 * and the same record of what was done, so that whichever side is second finds its work done.
 */
import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type CompiledQuery,
} from 'kysely'
import { migrationRecord } from './migration-record.ts'
import { migrations } from './migrations.ts'

/** What `extension/sql/tables.sql` holds. Every statement may be run again. */
export async function extensionSql(): Promise<string> {
  const sections: string[] = []
  for (const [name, migration] of Object.entries(migrations('mariadb'))) {
    const statements = await compiled((db) => migration.up(db))
    sections.push([`-- migration ${name}`, ...statements, recorded(name)].join('\n'))
  }
  return `${header}\n${migrationRecord.join(';\n')};\n\n${sections.join('\n\n')}\n`
}

const header = `-- The tables of Wikistead's store, for MariaDB. Written by \`npm run docs\` from store/src/migrations.ts.
-- One statement a line. A migration whose name is in wikifarm_migrations was made already, by either side.
`

const recorded = (name: string): string =>
  `insert ignore into \`wikifarm_migrations\` (\`name\`, \`timestamp\`) values ('${name}', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));`

/** What the migration would ask of MariaDB. */
async function compiled(up: (db: Kysely<unknown>) => Promise<void>): Promise<string[]> {
  const asked: CompiledQuery[] = []
  await using db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new MysqlIntrospector(of),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
    log: ({ query }) => void asked.push(query),
  })
  await up(db)
  return asked.map(repeatable)
}

/** MariaDB keeps no transaction over a change of tables: what was cut off half-way is run again from its beginning. */
function repeatable({ sql, parameters }: CompiledQuery): string {
  const known = forms.find(([form]) => form.test(sql))
  if (known === undefined || parameters.length > 0 || sql.includes('\n')) {
    throw new Error(`extension-sql.ts cannot make this safe to repeat: ${sql}`)
  }
  return `${sql.replace(...known)};`
}

const forms: readonly (readonly [RegExp, string])[] = [
  [/^create table /, 'create table if not exists '],
  [/^create (unique )?index /, 'create $1index if not exists '],
  [/^(alter table `\w+` add column) /, '$1 if not exists '],
]
