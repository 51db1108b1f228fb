import process from 'node:process'
import type { Config } from '@wikistead/config'
import type { PhpUsers } from '@wikistead/mediawiki'
import { SetupError } from '@wikistead/processes/setup-error'
import { findUser, type SystemUser } from './system-user.ts'

/**
 * PHP's user as this machine's files know it, by name or as `uid:gid`: a container may have users that the machine
 * knows by number only.
 *
 * @param usersFile in the format of passwd(5)
 * @throws SetupError for a user that the machine does not have
 */
export async function resolvePhpUser(name: string, usersFile?: string): Promise<SystemUser> {
  const found = await findUser(name, usersFile)
  if (found !== undefined) return found
  throw new SetupError(
    `This machine has no user ${name}: install PHP, or name its user with wikifarm-php-user (WIKIFARM_PHP_USER), as uid:gid where only the container knows it.`,
  )
}

/** Of all wikis of this host, as the settings have them. @throws SetupError for users that cannot be had */
export async function resolvePhpUsers({
  wikifarmPhpUser,
  wikifarmHubPhpUser,
  wikifarmOwnPhpUsers: ownFrom,
}: Config): Promise<PhpUsers> {
  const common = await resolvePhpUser(wikifarmPhpUser)
  const hub = wikifarmHubPhpUser === undefined ? undefined : await resolvePhpUser(wikifarmHubPhpUser)
  if ((hub ?? ownFrom) !== undefined && process.getuid?.() !== 0) {
    const which = hub === undefined ? 'wikifarm-own-php-users' : 'wikifarm-hub-php-user'
    throw new SetupError(`${which} takes a worker that is root: nobody else gives files to another user.`)
  }
  if (hub !== undefined) requireOwnGroup(hub, common)
  return { common, hub, ownFrom }
}

/** By its group a wiki's secrets are let be read. @throws SetupError for another user with the group of all wikis */
export function requireOwnGroup(user: SystemUser, common: SystemUser): void {
  if (user.uid === common.uid || user.gid !== common.gid) return
  throw new SetupError(
    `User ${String(user.uid)} has the group of the wikis’ PHP (${String(user.gid)}), which reads its secrets: give it a group of its own.`,
  )
}
