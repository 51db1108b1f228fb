/** Whether the administrator may do what a wiki's database takes. It is asked of MariaDB; nothing is tried or changed. */
import { withDatabaseServer, type AdminConnection, type DatabaseServer } from './database-server.ts'
import { errnoOf, missingRights as missingRightsErrors } from './database-errors.ts'
import { usersWithMore } from './narrow-rights.ts'
import { shadowingAccounts } from './try-sign-in.ts'
import { sharedTables } from './wiki-rights.ts'

export interface DatabaseServerCheck {
  /** As the server says it, e.g. `10.11.14-MariaDB-0+deb12u2`. */
  readonly version: string
  readonly isMariadb: boolean
  /** Rights on everything that the administrator lacks, as GRANT calls them. */
  readonly missingRights: readonly string[]
  /** Tables of the shared accounts that are not there; none without a shared database. */
  readonly missingTables: readonly string[]
  /** Anonymous accounts that a wiki's user would be taken for, as DROP USER names them. */
  readonly anonymous: readonly string[]
  /** Databases of wikis whose users have more rights there than MediaWiki needs. */
  readonly wide: readonly string[]
}

/** @throws Refusal, ProvisioningFault as `createWikiDatabase` does when the server lets nobody in or does not answer */
export async function checkDatabaseServer(
  server: DatabaseServer,
  {
    sharedDatabase,
    deadlineMs = 5_000,
  }: { readonly sharedDatabase?: string; readonly deadlineMs?: number } = {},
): Promise<DatabaseServerCheck> {
  // The lock of no wiki: a slug has no space in it.
  return withDatabaseServer(server, 'a check', { deadlineMs }, async (admin) => {
    const [row] = await admin.rows<{ version: string }>('SELECT VERSION() AS version')
    const version = row?.version ?? ''
    return {
      version,
      isMariadb: /mariadb/i.test(version),
      missingRights: await missingRights(admin),
      missingTables: sharedDatabase === undefined ? [] : await missingTables(admin, sharedDatabase),
      anonymous: await anonymousAccounts(admin),
      wide: await wideUsers(admin),
    }
  })
}

/** None to an administrator who may not ask; that one is told of the right it lacks. */
async function anonymousAccounts(admin: AdminConnection): Promise<readonly string[]> {
  return shadowingAccounts(admin).catch((error: unknown) => {
    if (missingRightsErrors.has(errnoOf(error) ?? 0)) return []
    throw error
  })
}

/** Of wikis, as far as their databases' comments tell. None to an administrator who may not ask. */
async function wideUsers(admin: AdminConnection): Promise<string[]> {
  const withMore = await usersWithMore(admin).catch((error: unknown) => {
    if (missingRightsErrors.has(errnoOf(error) ?? 0)) return new Set<string>()
    throw error
  })
  const rows = await admin.rows<{ name: string }>(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_COMMENT LIKE 'wikistead %'",
  )
  return rows.map(({ name }) => name).filter((name) => withMore.has(name))
}

/**
 * Who takes rights on a database from a wiki must have them all, for an earlier release gave all; and those of an
 * administrator, who ends the connections of a wiki's user.
 */
async function missingRights(admin: AdminConnection): Promise<string[]> {
  const known = await admin.rows<{ Privilege: string; Context: string }>('SHOW PRIVILEGES')
  const needed = known
    .filter(
      ({ Privilege: name, Context: context }) =>
        /Databases|Tables|Functions|Procedures/.test(context) ||
        // The first is on a database, whatever the server says.
        ['Event', 'Create user', 'Reload', 'Connection admin'].includes(name),
    )
    .map(({ Privilege: name }) => name.toUpperCase())
  const given = new Set<string>()
  for (const row of await admin.rows<Record<string, string>>('SHOW GRANTS')) {
    // The rest of the line may hold the password's hash.
    const [, rights = '', options = ''] =
      /^GRANT (.+?) ON \*\.\* TO .*?( WITH [A-Z0-9_ ]+)?$/.exec(Object.values(row)[0] ?? '') ?? []
    for (const right of rights.split(', ')) given.add(right)
    if (options.includes(' GRANT OPTION')) given.add('GRANT OPTION')
  }
  return needed.filter(
    (right) => !given.has(right) && (right === 'GRANT OPTION' || !given.has('ALL PRIVILEGES')),
  )
}

async function missingTables(admin: AdminConnection, database: string): Promise<string[]> {
  const rows = await admin.rows<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [database],
  )
  const there = new Set(rows.map(({ name }) => name))
  return sharedTables.filter((table) => !there.has(table))
}
