/** What MariaDB holds under a wiki's name, whoever made it: nothing of it may be left of a wiki that is gone. */
import { databaseName } from '../names/slug.ts'
import { escapePattern } from './database-claim.ts'
import { withDatabaseServer, type DatabaseServer, type DatabaseWork } from './database-server.ts'

/** How many there are of each. */
export interface DatabaseResidue {
  readonly databases: number
  readonly users: number
  /** Of the user, or on the database. */
  readonly databaseGrants: number
  readonly tableGrants: number
  /** On columns and routines, and memberships in roles. */
  readonly otherGrants: number
}

export async function databaseResidue(
  server: DatabaseServer,
  slug: string,
  work: DatabaseWork = {},
): Promise<DatabaseResidue> {
  const database = databaseName(slug)
  return withDatabaseServer(server, database, work, async (admin) => {
    const pattern = escapePattern(database)
    const [row] = await admin.rows<DatabaseResidue>(counts, [
      database,
      database,
      ...[database, database, pattern],
      ...[database, database],
      ...[database, database, database, database, database],
    ])
    if (row === undefined) throw new Error('counting gave no row')
    return row
  })
}

const counts = `SELECT
  (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?) AS \`databases\`,
  (SELECT COUNT(*) FROM mysql.user WHERE User = ?) AS users,
  (SELECT COUNT(*) FROM mysql.db WHERE User = ? OR Db IN (?, ?)) AS databaseGrants,
  (SELECT COUNT(*) FROM mysql.tables_priv WHERE User = ? OR Db = ?) AS tableGrants,
  (SELECT COUNT(*) FROM mysql.columns_priv WHERE User = ? OR Db = ?)
    + (SELECT COUNT(*) FROM mysql.procs_priv WHERE User = ? OR Db = ?)
    + (SELECT COUNT(*) FROM mysql.roles_mapping WHERE User = ?) AS otherGrants`
