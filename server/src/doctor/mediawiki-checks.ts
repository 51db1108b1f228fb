/** What the MediaWiki engine needs: folders, a template, MariaDB, a place for MediaWiki's scripts, its search. */
import { existsSync } from 'node:fs'
import { access, constants, realpath, rmdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Config } from '@wikistead/config'
import { ProvisioningFault, checkDatabaseServer } from '@wikistead/mediawiki'
import { configuredRunner, databaseServer } from '../parts/mediawiki-engine.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'
import { checkPhpReach } from './php-reach-check.ts'
import { checkPhpUsers } from './php-users-check.ts'
import { checkOpenSearch, checkWikiSearch } from './opensearch-check.ts'
import { checkWikiTemplate } from './template-check.ts'
import { checkWikiRedis } from './wiki-redis-check.ts'
import { resolvePhpUser } from '../parts/php-user.ts'

/** All at once; one line while the engine is off. */
export async function checkMediaWiki(config: Config, path: string): Promise<Check[]> {
  if (config.wikifarmDir === undefined) return [fine('mediawiki', 'off: wikifarm-dir is not set')]
  const checks = await Promise.all([
    checkFolders(config, config.wikifarmDir),
    checkWikiTemplate(config, path),
    checkDatabase(config),
    Promise.resolve([checkStorePlace(config)]),
    checkPhp(config, config.wikifarmDir),
    checkPhpReach(config, config.wikifarmDir),
    checkPhpUsers(config, config.wikifarmDir),
    checkOpenSearch(config),
    checkWikiSearch(config),
    checkWikiRedis(config),
  ])
  return checks.flat()
}

async function checkFolders(
  { wikifarmOauthDir: oauth = '' }: Config,
  wikis: string,
): Promise<readonly Check[]> {
  const wikisCheck = await checkFolder('wikis', wikis, 'wikifarm-dir')
  const oauthCheck = await checkFolder('oauth keys', oauth, 'wikifarm-oauth-dir')
  const areThere = wikisCheck.ok && oauthCheck.ok
  if (!areThere || !isWithin(await realpath(wikis), await realpath(oauth))) return [wikisCheck, oauthCheck]
  const why = `${oauth} is below wikifarm-dir, which web servers show`
  return [wikisCheck, broken('oauth keys', why, 'Name a folder elsewhere with wikifarm-oauth-dir.')]
}

async function checkFolder(name: string, folder: string, setting: string): Promise<Check> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return fine(name, folder)
  } catch (error) {
    const mend = `Make it, let the worker write to it, or name another with ${setting}.`
    return broken(name, inWords(error), mend)
  }
}

async function checkDatabase(config: Config): Promise<Check[]> {
  const name = 'mariadb'
  const { wikiDbHost = '', wikiDbAdminUser = '', wikiSharedDbName: shared } = config
  const place = `${wikiDbAdminUser} at ${wikiDbHost}`
  try {
    const { version, isMariadb, missingRights, missingTables, anonymous, wide } = await checkDatabaseServer(
      databaseServer(config),
      shared === undefined ? {} : { sharedDatabase: shared },
    )
    const lacking = 'As root of MariaDB: GRANT ALL PRIVILEGES ON *.* TO that user WITH GRANT OPTION'
    const server = !isMariadb
      ? broken(name, `${place}: ${version} is no MariaDB`, 'Name a MariaDB with wiki-db-host.')
      : missingRights.length > 0
        ? broken(name, `${place} lacks ${missingRights.join(', ')} on *.*`, lacking)
        : fine(name, `${place}, ${version}`)
    return [server, checkAnonymous(anonymous), checkRights(wide), checkAccounts(shared, missingTables)]
  } catch (error) {
    const mend = 'Start MariaDB, or mend wiki-db-host, wiki-db-admin-user and wiki-db-admin-password.'
    const isTls = error instanceof ProvisioningFault && error.reason.startsWith('tls: ')
    return [broken(name, `${place}: ${inWords(error)}`, isTls ? 'docs/tls.md tells more.' : mend)]
  }
}

/** Whoever comes from this machine would be one of them instead of a wiki's user. */
function checkAnonymous(accounts: readonly string[]): Check {
  const name = 'anonymous accounts'
  if (accounts.length === 0) return fine(name, 'none goes before the users of wikis')
  const which = accounts.join(', ')
  return broken(
    name,
    `MariaDB takes the users of wikis for ${which}`,
    `As root of MariaDB: DROP USER ${which}.`,
  )
}

function checkRights(wide: readonly string[]): Check {
  const name = 'rights of wikis'
  if (wide.length === 0) return fine(name, 'no more than MediaWiki needs')
  const [some, more] = [wide.slice(0, 3).join(', '), wide.length - 3]
  const which = more > 0 ? `${some} and ${String(more)} more` : some
  const mend = 'Start the workers of their hosts: they take away what MediaWiki does not need.'
  return doubtful(name, `too many of the MariaDB users of ${which}`, mend)
}

/** Whoever has the store is the farm's operator: they make tokens, owners and tasks by writing rows. */
function checkStorePlace({ storeUrl, wikiSharedDbName: shared }: Config): Check {
  const name = 'store and wikis'
  if (storeUrl.engine === 'sqlite') return fine(name, 'the store is a file, which no wiki’s user reaches')
  const { database } = storeUrl
  if (database !== shared) return fine(name, `the store has a database of its own, ${database}`)
  return doubtful(
    name,
    `the store is in the hub’s database, ${database}: PHP and the MariaDB user of the hub can make themselves operators`,
    'Copy its wikifarm_ tables into a database of their own, at best on another server, and name that in store-url.',
  )
}

function checkAccounts(shared: string | undefined, missing: readonly string[]): Check {
  const name = 'shared accounts'
  if (shared === undefined) return fine(name, 'off: wiki-shared-db-name is not set')
  if (missing.length === 0) return fine(name, `in ${shared}`)
  const mend = 'Make the hub with `wikistead hub create`, or mend wiki-shared-db-name.'
  return broken(name, `${shared} has no table ${missing.join(', ')}`, mend)
}

/** PHP is run once, the whole way that MediaWiki's scripts go. */
async function checkPhp(config: Config, wikis: string): Promise<Check> {
  const name = `php by ${config.wikifarmRunner}`
  const files = join(wikis, '.commands')
  const wasThere = existsSync(files)
  try {
    await using runner = configuredRunner(config, await resolvePhpUser(config.wikifarmPhpUser))
    const { ok, detail, mend } = await runner.check()
    return ok ? fine(name, detail) : broken(name, detail, mend ?? 'Mend what this says, and look again.')
  } catch (error) {
    return broken(name, inWords(error), 'Mend what this says, and look again.')
  } finally {
    // Gone only if it is empty: a worker may have begun.
    if (!wasThere) await rmdir(files).catch(() => undefined)
  }
}

function isWithin(folder: string, path: string): boolean {
  const rest = relative(folder, path)
  return rest !== '..' && !rest.startsWith('../')
}
