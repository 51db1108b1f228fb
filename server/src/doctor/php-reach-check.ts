/** Whether PHP's user reads what new wikis are made of, and can walk to the wikis; who looks is often root, who reads all. */
import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Config } from '@wikistead/config'
import { runAs } from '@wikistead/processes'
import { phpRoom } from '../parts/php-room.ts'
import { resolvePhpUser } from '../parts/php-user.ts'
import type { SystemUser } from '../parts/system-user.ts'
import { broken, fine, type Check } from './check.ts'

const name = 'files for php'

/** Nothing where PHP is in a container, or its user or the template is not there: that is told elsewhere. */
export async function checkPhpReach(config: Config, wikis: string): Promise<Check[]> {
  const { wikifarmRunner, wikifarmTemplate: template = '', wikifarmPhpUser } = config
  if (wikifarmRunner !== 'host') return []
  const user = await resolvePhpUser(wikifarmPhpUser).catch(() => undefined)
  const [found, index, farm] = await Promise.all(
    [template, join(template, 'mediawiki/index.php'), wikis].map(real),
  )
  if (user === undefined || found === undefined || farm === undefined) return []
  const core = index === undefined ? undefined : dirname(index)
  const closed =
    (await firstClosed(config, user, [wikis], ['-maxdepth', '0', '!', ...may(user, 'walk'), '-print'])) ??
    (await firstClosed(config, user, core === undefined ? [found] : [found, core], unreadable(user)))
  if (closed === undefined)
    return [fine(name, `${wikifarmPhpUser} reads the template and walks to the wikis`)]
  return [broken(name, `${wikifarmPhpUser} has no right to ${closed}`, mendOf(closed, { wikis, core }))]
}

function mendOf(
  closed: string,
  { wikis, core }: { readonly wikis: string; readonly core: string | undefined },
): string {
  if (closed === wikis) return `Run: chmod o+x ${wikis}.`
  // What an operator put there may hold a secret, as every pubwiki.ini does.
  if (core !== undefined && (closed === core || closed.startsWith(`${core}/`)))
    return `Run: find ${core} ! -name FarmSettings.php -exec chmod go+rX {} +.`
  return 'Build the template anew with `wikistead template build`, which sets the modes; a FarmSettings.php must be readable by PHP’s group.'
}

/** As find(1) says it: folders that cannot be listed or walked through, files that cannot be read. */
function unreadable(user: SystemUser): readonly string[] {
  return [
    ...['-name', 'pubwiki.ini', '-prune', '-o', '('],
    ...['-type', 'd', '!', '(', ...may(user, 'read'), ...may(user, 'walk'), ')', '-o'],
    ...['-type', 'f', '!', ...may(user, 'read'), ')', '-print', '-quit'],
  ]
}

/** Root asks as that user; anybody else goes by the modes. */
function may({ uid, gid }: SystemUser, what: 'read' | 'walk'): readonly string[] {
  if (process.getuid?.() === 0) return [what === 'read' ? '-readable' : '-executable']
  const [owner, group, others] = what === 'read' ? ['-400', '-040', '-004'] : ['-100', '-010', '-001']
  return [
    ...['(', '-uid', String(uid), '-perm', owner, '-o', '!', '-uid', String(uid)],
    ...['-gid', String(gid), '-perm', group, '-o', '!', '-uid', String(uid)],
    ...['!', '-gid', String(gid), '-perm', others, ')'],
  ]
}

async function firstClosed(
  config: Config,
  user: SystemUser,
  paths: readonly string[],
  tests: readonly string[],
): Promise<string | undefined> {
  const command = ['find', ...paths, ...tests] as const
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }
  try {
    const { stdout } =
      process.getuid?.() === 0
        ? await runAs(phpRoom(config, user, paths), command, { env })
        : await promisify(execFile)(command[0], command.slice(1), { env, cwd: '/' })
    return stdout.split('\n', 1)[0] || undefined
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const said = /^find: .(.*).: Permission denied$/m.exec(stderr)?.[1]
    if (stdout === '' && said === undefined) throw error
    return stdout.split('\n', 1)[0] || said
  }
}

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
