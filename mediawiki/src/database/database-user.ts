/** A wiki's user of MariaDB, who may come from anywhere. */
import { escape } from 'mysql2'
import { passwordHash } from './database-claim.ts'
import { errno, errnoOf } from './database-errors.ts'
import type { AdminConnection } from './database-server.ts'

export const anyHost = '%'

/** As statements name it. */
export function account(user: string): string {
  return `${escape(user)}@${escape(anyHost)}`
}

/**
 * The server gets to see the password's hash only, unless it insists on judging the password itself.
 * @throws the driver's error `cannotUser` when there is one of that name
 */
export async function createUser(admin: AdminConnection, user: string, password: string): Promise<void> {
  try {
    await admin.run(`CREATE USER ${account(user)} IDENTIFIED BY PASSWORD ?`, [passwordHash(password)])
  } catch (error) {
    if (errnoOf(error) !== errno.optionPrevents) throw error
    await admin.run(`CREATE USER ${account(user)} IDENTIFIED BY ?`, [password])
  }
}

/** A page that is being read would keep the tables, and with them the database, for a while. */
export async function endConnections(admin: AdminConnection, user: string): Promise<void> {
  try {
    await admin.run(`KILL HARD CONNECTION USER ${escape(user)}`)
  } catch (error) {
    const harmless: (number | undefined)[] = [errno.noSuchThread, errno.notOwnerOfThread, 1227]
    if (!harmless.includes(errnoOf(error))) throw error
  }
}
