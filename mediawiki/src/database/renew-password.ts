/**
 * Another password for a wiki's database user, while the wiki is read and written. MariaDB lets a user have two at once:
 * first both, then the new one is used, then the old one goes. How far it came stands in the wiki's pubwiki.ini alone, so
 * that whoever comes after a kill goes on from there.
 */
import { readClaim, passwordHash, printOf, writeClaim } from './database-claim.ts'
import { errno, errnoOf } from './database-errors.ts'
import {
  withDatabaseServer,
  type AdminConnection,
  type DatabaseServer,
  type DatabaseWork,
} from './database-server.ts'
import { account, anyHost } from './database-user.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

/** What the ini says; `undefined` for a key that is not there. Times in milliseconds since 1970. */
export interface PasswordState {
  readonly used: string
  /** The one that takes its place; the same one, once it has. */
  readonly next: string | undefined
  /** When `used` was put there in another's place. */
  readonly since: number | undefined
}

export type PasswordStep = 'begin' | 'use' | 'wait' | 'drop' | 'done'

/** @param wanted every password from before then is to be another; of a wiki that was made since, none is */
export function nextPasswordStep(
  { used, next, since }: PasswordState,
  wanted: {
    readonly before: number
    readonly now: number
    readonly madeAt: number
    readonly graceMs: number
  },
): PasswordStep {
  if (next !== undefined && next !== used) return 'use'
  if (next !== undefined) return wanted.now - (since ?? 0) >= wanted.graceMs ? 'drop' : 'wait'
  return Math.max(since ?? 0, wanted.madeAt) < wanted.before ? 'begin' : 'done'
}

/**
 * Both are let in; the new one is how the user is known from then on.
 * @throws ProvisioningFault `user_foreign` for a user whom neither lets in: it is not the one that the wiki's ini is about
 */
export async function letBothIn(
  server: DatabaseServer,
  database: string,
  { old, next }: { readonly old: string; readonly next: string },
  work: DatabaseWork = {},
): Promise<void> {
  await withDatabaseServer(server, database, work, async (admin) => {
    await requireKnown(admin, database, [next, old])
    await identify(admin, database, [next, old])
    const claim = await readClaim(admin, database)
    if (typeof claim === 'string') return
    await writeClaim(admin, database, { ...claim, userPrint: printOf(passwordHash(next)) })
  })
}

/** This one only. @throws ProvisioningFault `user_foreign` */
export async function letOneIn(
  server: DatabaseServer,
  database: string,
  password: string,
  work: DatabaseWork = {},
): Promise<void> {
  await withDatabaseServer(server, database, work, async (admin) => {
    await requireKnown(admin, database, [password])
    await identify(admin, database, [password])
  })
}

/** MariaDB shows the first of two. */
async function requireKnown(
  admin: AdminConnection,
  user: string,
  passwords: readonly string[],
): Promise<void> {
  const [found] = await admin.rows<{ hash: string }>(
    'SELECT authentication_string AS hash FROM mysql.user WHERE User = ? AND Host = ?',
    [user, anyHost],
  )
  if (found !== undefined && passwords.some((password) => passwordHash(password) === found.hash)) return
  throw new ProvisioningFault(
    `The MariaDB user ${user} is missing, or has another password than the wiki’s pubwiki.ini says.`,
    'user_foreign',
  )
}

/** The server gets to see hashes only, unless it insists on judging passwords itself. */
async function identify(admin: AdminConnection, user: string, passwords: readonly string[]): Promise<void> {
  const by = (how: string) => passwords.map(() => `mysql_native_password USING ${how}`).join(' OR ')
  try {
    await admin.run(`ALTER USER ${account(user)} IDENTIFIED VIA ${by('?')}`, passwords.map(passwordHash))
  } catch (error) {
    if (errnoOf(error) !== errno.optionPrevents) throw error
    await admin.run(`ALTER USER ${account(user)} IDENTIFIED VIA ${by('PASSWORD(?)')}`, passwords)
  }
}
