import { readFile } from 'node:fs/promises'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import type { PhpUsers } from '@wikistead/mediawiki'
import { SetupError } from '@wikistead/processes/setup-error'

/**
 * PHP's user as this machine's files know it, by name or as `uid:gid`: a container may have users that the machine
 * knows by number only.
 *
 * @param usersFile in the format of passwd(5)
 * @throws SetupError for a user that the machine does not have
 */
export async function resolvePhpUser(
  name: string,
  usersFile = '/etc/passwd',
): Promise<{ readonly uid: number; readonly gid: number }> {
  const numbers = /^(\d{1,9}):(\d{1,9})$/.exec(name)
  if (numbers !== null) return { uid: Number(numbers[1]), gid: Number(numbers[2]) }
  for (const line of (await readFile(usersFile, 'utf8')).split('\n')) {
    const [user, , uid = '', gid = ''] = line.split(':')
    if (user === name && /^\d+$/.test(uid) && /^\d+$/.test(gid)) return { uid: Number(uid), gid: Number(gid) }
  }
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
  return { common, hub, ownFrom }
}
