/**
 * A wiki's database, its user and that user's rights. Making them again by the same task goes on where it was; what a
 * stranger made is refused and left as it is. See `database-claim.ts` for how the two are told apart.
 */
import { Refusal } from '@wikistead/contracts'
import { escapeId } from 'mysql2'
import {
  createClaimed,
  passwordHash,
  printOf,
  readClaim,
  writeClaim,
  type DatabaseClaim,
} from './database-claim.ts'
import { errno, errnoOf } from './database-errors.ts'
import {
  withDatabaseServer,
  type AdminConnection,
  type DatabaseServer,
  type DatabaseWork,
} from './database-server.ts'
import { account, anyHost, createUser, endConnections } from './database-user.ts'
import { databaseName, parseSlug } from '../names/slug.ts'
import { trySignIn } from './try-sign-in.ts'
import { grantsOf, type Grant } from './wiki-rights.ts'

export interface WikiDatabase extends DatabaseWork {
  readonly server: DatabaseServer
  readonly slug: string
  readonly task: string
}

export interface NewWikiDatabase extends WikiDatabase {
  /** The one in the wiki's pubwiki.ini. */
  readonly password: string
  /** The hub's database; undefined when the wiki has its own accounts, or is the hub. */
  readonly sharedDatabase?: string | undefined
  /** Databases that are no wiki's to take, whoever made them: Wikistead's own, templates. */
  readonly reservedDatabases?: readonly string[] | undefined
}

/**
 * Makes the database, then its user, then the user's rights; and signs in as that user, as the wiki will.
 * @throws Refusal `name_reserved`, `database_foreign`, `shared_tables_missing`, `database_rights_missing`,
 * `database_user_shadowed`;
 * ProvisioningFault for everything that may mend itself
 */
export async function createWikiDatabase(wanted: NewWikiDatabase): Promise<void> {
  const { server, slug, sharedDatabase, reservedDatabases = [] } = wanted
  parseSlug(slug, { reservedDatabases: [...reservedDatabases, ...(sharedDatabase ? [sharedDatabase] : [])] })
  const database = databaseName(slug)
  await withDatabaseServer(server, database, wanted, async (admin, connect) => {
    const claim = await claimDatabase(admin, database, wanted.task)
    await makeUser(admin, database, claim, wanted.password)
    for (const grant of grantsOf(database, sharedDatabase)) await giveRight(admin, grant, database)
    await admin.run('FLUSH PRIVILEGES')
    await trySignIn(admin, connect, { database, password: wanted.password })
  })
}

export interface UnwantedWikiDatabase extends WikiDatabase {
  /**
   * Whether the store knows that the task made all of it; asked under the wiki's lock. Then nobody asks the database: its
   * user may write another comment and choose another password, and would be kept.
   */
  readonly isKnown?: (() => Promise<boolean>) | undefined
}

/**
 * Takes away what this task made of it: rights, user, and the database last, for it tells whose they are.
 * @throws ProvisioningFault when something could not be taken away
 */
export async function undoWikiDatabase(wanted: UnwantedWikiDatabase): Promise<void> {
  const { server, slug, task } = wanted
  const database = databaseName(slug)
  await withDatabaseServer(server, database, wanted, async (admin) => {
    const isKnown = (await wanted.isKnown?.()) ?? false
    const found = await readClaim(admin, database)
    const claim = isKnown ? { task } : found
    if (typeof claim === 'string' || claim.task !== task) return
    const { ours, others } = await accountsOf(admin, database, claim, isKnown)
    if (ours) {
      await admin.run(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account(database)}`)
      await admin.run(`DROP USER ${account(database)}`)
      await admin.run('FLUSH PRIVILEGES')
    }
    // Also those of a user whom an earlier attempt took away.
    if (!others) await endConnections(admin, database)
    if (found !== 'free') await admin.run(`DROP DATABASE ${escapeId(database, true)}`)
  })
}

async function claimDatabase(admin: AdminConnection, database: string, task: string): Promise<DatabaseClaim> {
  const found = await readClaim(admin, database)
  if (found === 'free') {
    const claim = { task }
    await refuseTaken(admin, database, claim)
    try {
      await createClaimed(admin, database, claim)
      return claim
    } catch (error) {
      if (errnoOf(error) !== errno.databaseExists) throw error
    }
  } else if (found !== 'foreign' && found.task === task) {
    return found
  }
  throw foreign(`There is a database ${database} already that this task did not make.`)
}

/** Before anything is made: a user of that name is a stranger's, and nobody else may be let into the database. */
async function refuseTaken(admin: AdminConnection, database: string, claim: DatabaseClaim): Promise<void> {
  if ((await accountsOf(admin, database, claim)).others) throw foreignUser(database)
  // MariaDB's own installer lets everybody into databases whose name begins with `test_`.
  const open = await admin.rows("SELECT 1 FROM mysql.db WHERE User = '' AND ? LIKE Db LIMIT 1", [database])
  if (open.length > 0) {
    throw new Refusal('name_reserved', `This MariaDB server lets everybody into a database ${database}.`)
  }
}

async function makeUser(
  admin: AdminConnection,
  database: string,
  claim: DatabaseClaim,
  password: string,
): Promise<void> {
  const hash = passwordHash(password)
  const userPrint = printOf(hash)
  const { ours, others } = await accountsOf(admin, database, claim)
  if (others) throw foreignUser(database)
  if (ours && claim.userPrint === userPrint) return
  // With a password that is lost.
  if (ours) await admin.run(`DROP USER ${account(database)}`)
  await writeClaim(admin, database, { ...claim, userPrint })
  try {
    await createUser(admin, database, password)
  } catch (error) {
    if (errnoOf(error) === errno.cannotUser) throw foreignUser(database)
    throw error
  }
}

interface Accounts {
  readonly ours: boolean
  readonly others: boolean
}

/** Whose the users are that have the database's name, at whatever host. */
async function accountsOf(
  admin: AdminConnection,
  user: string,
  { userPrint }: DatabaseClaim,
  isKnown = false,
): Promise<Accounts> {
  const accounts = await admin.rows<{ host: string; hash: string }>(
    'SELECT Host AS host, authentication_string AS hash FROM mysql.user WHERE User = ?',
    [user],
  )
  const ours = accounts.filter(
    ({ host, hash }) => host === anyHost && (isKnown || printOf(hash) === userPrint),
  )
  return { ours: ours.length > 0, others: ours.length < accounts.length }
}

async function giveRight(admin: AdminConnection, { rights, on, table }: Grant, user: string): Promise<void> {
  try {
    await admin.run(`GRANT ${rights.join(', ')} ON ${on} TO ${account(user)}`)
  } catch (error) {
    const number = errnoOf(error)
    if (table === undefined || (number !== errno.noSuchTable && number !== errno.unknownDatabase)) throw error
    throw new Refusal(
      'shared_tables_missing',
      `The database of the shared accounts (WIKI_SHARED_DB_NAME) has no table ${table}; \`wikistead hub create\` makes it.`,
    )
  }
}

function foreignUser(user: string): Refusal {
  return foreign(`There is a MariaDB user ${user} already that this task did not make.`)
}

function foreign(message: string): Refusal {
  return new Refusal('database_foreign', message)
}
