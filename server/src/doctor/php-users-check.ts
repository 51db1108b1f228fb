/** Whom the wikis' PHP runs as on this host, and what the hub's neighbours read of it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { phpUserOf } from '@wikistead/mediawiki'
import { hubSlug } from '../parts/mediawiki-rules.ts'
import { resolvePhpUser, resolvePhpUsers } from '../parts/php-user.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

const name = 'php users'

/** A common user that the machine does not have is told where PHP is run. */
export async function checkPhpUsers(config: Config, wikis: string): Promise<Check[]> {
  try {
    await resolvePhpUser(config.wikifarmPhpUser)
  } catch {
    return []
  }
  return [await lookAt(config, wikis)]
}

async function lookAt(config: Config, wikis: string): Promise<Check> {
  try {
    const users = await resolvePhpUsers(config)
    const { common, hub, ownFrom } = users
    if (common.uid === 0) {
      const mend = 'Name a user without rights with wikifarm-php-user.'
      return doubtful(name, 'the wikis’ PHP runs as root, with all that root may', mend)
    }
    const slug = config.wikiSharedDbName === undefined ? undefined : hubSlug(config.wikiSharedDbName)
    const folder = join(wikis, slug ?? '')
    const hasHub = slug !== undefined && existsSync(join(folder, 'pubwiki.ini'))
    // Only root sees whose it is.
    if (hasHub && process.getuid?.() === 0 && (await phpUserOf(users, folder)) === common) {
      const how = hub === undefined && ownFrom === undefined ? 'Set wikifarm-hub-php-user, then' : 'As root:'
      return doubtful(
        name,
        'the hub’s PHP runs as the user of the wikis, so that who gets to run PHP in one of them signs as the hub',
        `${how} \`wikistead php give ${slug}\`, and give it a pool of php-fpm of its own.`,
      )
    }
    return fine(name, ownFrom === undefined ? 'one for all wikis of this host' : 'each new wiki has its own')
  } catch (error) {
    return broken(name, inWords(error), 'Mend what this says, and look again.')
  }
}
