/** `wikistead php`: the user that each wiki's PHP runs as on this host, and php-fpm's pools for them. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { giveWikiTo, phpUserOf, phpUserOfNew, type FileOwner } from '@wikistead/mediawiki'
import { requireSlug } from '@wikistead/mediawiki/slug'
import { SetupError } from '@wikistead/processes/setup-error'
import { hubSlug } from '../parts/mediawiki-rules.ts'
import { openConfiguredStore } from '../parts/open-store.ts'
import { requireOwnGroup, resolvePhpUser, resolvePhpUsers } from '../parts/php-user.ts'

export interface WikiUser {
  readonly slug: string
  readonly user: FileOwner
  /** Shared with other wikis. */
  readonly isCommon: boolean
}

/** Of the wikis that this host has, by their slugs. @throws SetupError while the engine is off */
export async function wikiUsersOfHost(config: Config): Promise<readonly WikiUser[]> {
  const { wikis } = foldersOf(config)
  const users = await resolvePhpUsers(config)
  const found: WikiUser[] = []
  for (const slug of (await readdir(wikis)).toSorted()) {
    const folder = join(wikis, slug)
    if (slug.startsWith('.') || !existsSync(join(folder, 'pubwiki.ini'))) continue
    const user = await phpUserOf(users, folder)
    found.push({ slug, user, isCommon: user === users.common })
  }
  return found
}

export interface PoolPlace {
  /** Where the sockets are, one a wiki, named by its slug. */
  readonly sockets: string
  /** The web server's user, by name: nobody else connects. */
  readonly webUser: string
  /** Requests of one wiki at the same time. */
  readonly workers: number
}

/** In the format of php-fpm; nothing runs for a wiki that nobody asks for. */
export function poolsFor(users: readonly WikiUser[], { sockets, webUser, workers }: PoolPlace): string {
  const pools = users.map(({ slug, user }) =>
    [
      `[${slug}]`,
      `user = ${String(user.uid)}`,
      `group = ${String(user.gid)}`,
      `listen = ${join(sockets, `${slug}.sock`)}`,
      `listen.owner = ${webUser}`,
      `listen.group = ${webUser}`,
      'listen.mode = 0600',
      'pm = ondemand',
      `pm.max_children = ${String(workers)}`,
      'pm.process_idle_timeout = 60s',
      '',
    ].join('\n'),
  )
  return ['; Written by `wikistead php pools`.', '', ...pools].join('\n')
}

/** @returns false when the file has them already. @throws SetupError when it cannot be written */
export async function writePools(file: string, pools: string): Promise<boolean> {
  try {
    if ((await readFile(file, 'utf8').catch(() => undefined)) === pools) return false
    await writeFile(`${file}.new`, pools, { mode: 0o644 })
    await rename(`${file}.new`, file)
    return true
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new SetupError(`${file} cannot be written (${code}): name another file, or run this as root.`)
  }
}

/**
 * Gives a wiki of this host a user of its own: the named one, or the one that a new wiki would get.
 * @throws SetupError, Refusal
 */
export async function giveWiki(config: Config, slug: string, user: string | undefined): Promise<WikiUser> {
  if (process.getuid?.() !== 0)
    throw new SetupError('Only root gives files to another user: run this as root.')
  const { wikis, oauth } = foldersOf(config)
  if (!existsSync(join(wikis, requireSlug(slug), 'pubwiki.ini'))) {
    throw new SetupError(`This host has no wiki ${slug}: run this where its folder is.`)
  }
  const users = await resolvePhpUsers(config)
  const to = user === undefined ? await userOfNew(config, slug) : await resolvePhpUser(user)
  if (to.uid === 0) throw new SetupError('No wiki’s PHP runs as root: name another user.')
  requireOwnGroup(to, users.common)
  await giveWikiTo({ wikis, oauth, slug, to })
  const given = await phpUserOf(users, join(wikis, slug))
  return { slug, user: given, isCommon: given === users.common }
}

async function userOfNew(config: Config, slug: string): Promise<FileOwner> {
  const users = await resolvePhpUsers(config)
  const isHub = config.wikiSharedDbName !== undefined && slug === hubSlug(config.wikiSharedDbName)
  if (isHub && users.hub !== undefined) return users.hub
  if (users.ownFrom === undefined) {
    throw new SetupError('Name a user with --to, or set wikifarm-own-php-users.')
  }
  await using store = await openConfiguredStore(config)
  const wiki = await store.wikis.byClaim('mediawiki', slug)
  if (wiki === undefined) throw new SetupError(`The store knows no wiki ${slug}: name a user with --to.`)
  return phpUserOfNew(users, { wikiId: wiki.wiki_id, isHub })
}

function foldersOf({ wikifarmDir: wikis, wikifarmOauthDir: oauth }: Config) {
  if (wikis !== undefined && oauth !== undefined) return { wikis, oauth }
  throw new SetupError('The MediaWiki engine is off: set wikifarm-dir, and what goes with it.')
}
