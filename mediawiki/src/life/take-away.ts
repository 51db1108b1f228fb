/** Taking away what one task made of a wiki, each part apart, so that one that fails does not keep the others. */
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { folderResidue } from '../folder/claimed-folder.ts'
import { databaseResidue } from '../database/database-residue.ts'
import { undoDirectoryCopy } from '../folder/directory-copy.ts'
import { undoOAuthKeys } from '../folder/oauth-keys.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { databaseStep } from '../phases/provision-database.ts'
import { setBootstrapping } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import { countRedisKeys, dropRedisKeys } from '../redis/redis-keys.ts'
import { dropRedisUser, redisUsers } from '../redis/redis-user.ts'
import { dropSearchIndices, searchResidue } from '../search/search-residue.ts'
import { dropSearchUser, hasSearchUser } from '../search/search-user.ts'
import { usesSearchUsers } from '../phases/wiki-search.ts'
import { readMarker } from '../folder/task-marker.ts'
import { folderOf } from '../phases/task-wiki.ts'
import { undoWikiDatabase } from '../database/wiki-database.ts'

export interface Made {
  readonly slug: string
  /** The task whose mark is on it. */
  readonly maker: string
  readonly signal: AbortSignal
}

export type Part = 'service' | 'logins' | 'search' | 'database' | 'keys' | 'folder'

/** One part of the wiki. What the task did not make stays. */
export async function takeAway(
  deps: MediaWikiDeps,
  part: Part,
  { slug, maker, signal }: Made,
): Promise<void> {
  const { folders, server } = deps
  switch (part) {
    case 'service':
      // First of all nobody is let in any more.
      if ((await readMarker(folderOf(deps, slug))) === maker)
        await setBootstrapping(folderOf(deps, slug), true)
      return
    case 'logins':
      // Before what they write.
      if (await isOurs(deps, { slug, maker })) await dropLogins(deps, databaseName(slug), signal)
      return
    case 'search':
      if (deps.openSearch !== undefined) await dropSearchIndices(deps.openSearch.server, slug, { signal })
      return
    case 'database':
      return undoWikiDatabase({
        ...{ server, slug, task: maker, signal },
        isKnown: () => madeDatabase(deps, slug, maker),
      })
    case 'keys':
      return undoOAuthKeys({ oauthFolder: folders.oauth, slug, task: maker })
    case 'folder':
      await dropCache(deps, { slug, maker, signal })
      return undoDirectoryCopy({ farmFolder: folders.wikis, slug, task: maker })
  }
}

/** Whether this very task made the database of the wiki that has the slug now: the phase that makes it had ended. */
async function madeDatabase({ store }: MediaWikiDeps, slug: string, maker: string): Promise<boolean> {
  const line = await store.ledger.get(maker, databaseStep)
  if (line?.state !== 'made' && line?.state !== 'sealed') return false
  const wiki = await store.wikis.byClaim('mediawiki', slug)
  return wiki !== undefined && (await store.tasks.find(maker))?.wiki_id === wiki.wiki_id
}

/**
 * Comes after the database, whose name its keys bear: while there is a database, it is somebody else's, or its own undo
 * has failed and will be tried again. So it is with a folder of another mark.
 */
async function dropCache(deps: MediaWikiDeps, { slug, maker, signal }: Made): Promise<void> {
  const { redis, server } = deps
  if (redis === undefined) return
  const { databases } = await databaseResidue(server, slug, { signal })
  if (databases === 0 && (await isOurs(deps, { slug, maker }))) {
    await dropRedisKeys(redis.server, slug, { signal })
  }
}

async function dropLogins(deps: MediaWikiDeps, database: string, signal: AbortSignal): Promise<void> {
  const { redis, openSearch } = deps
  if (redis !== undefined) await dropRedisUser(redis.server, database, { signal })
  if (openSearch !== undefined && usesSearchUsers(deps)) {
    await dropSearchUser(openSearch.server, database, { signal })
  }
}

/** Of what bears no mark of its own: the folder does, or it is gone. */
async function isOurs(deps: MediaWikiDeps, { slug, maker }: Omit<Made, 'signal'>): Promise<boolean> {
  if ((await readMarker(folderOf(deps, slug))) === maker) return true
  return (await folderResidue(deps.folders.wikis, slug)).length === 0
}

/** Everything of it, the folder last: it names what else there is. */
export async function takeAwayAll(deps: MediaWikiDeps, made: Made): Promise<void> {
  let first: { readonly error: unknown } | undefined
  for (const part of ['service', 'logins', 'search', 'database', 'keys', 'folder'] as const) {
    try {
      await takeAway(deps, part, made)
    } catch (error) {
      first ??= { error }
    }
  }
  if (first !== undefined) throw first.error
}

/** What is there under the wiki's name, whoever made it: a line each. */
async function residueOf(
  deps: MediaWikiDeps,
  { slug, signal }: Pick<Made, 'slug' | 'signal'>,
): Promise<readonly string[]> {
  const { folders, server, redis, openSearch } = deps
  const [wikis, keys, database, search, cached, users, searches] = await Promise.all([
    folderResidue(folders.wikis, slug),
    folderResidue(folders.oauth, slug),
    databaseResidue(server, slug, { signal }),
    openSearch === undefined ? {} : searchResidue(openSearch.server, slug, { signal }),
    redis === undefined ? 0 : countRedisKeys(redis.server, slug, { signal }),
    redis === undefined ? undefined : redisUsers(redis.server, { signal }),
    openSearch !== undefined && usesSearchUsers(deps)
      ? hasSearchUser(openSearch.server, databaseName(slug), { signal })
      : false,
  ])
  return [
    ...wikis.map((name) => `folder ${name} in WIKIFARM_DIR`),
    ...keys.map((name) => `folder ${name} in WIKIFARM_OAUTH_DIR`),
    ...(users?.has(databaseName(slug)) === true ? ['its user of Redis'] : []),
    ...(searches ? ['its user of OpenSearch'] : []),
    ...Object.entries({ ...database, ...search, 'keys in Redis': cached }).flatMap(([what, count]) =>
      count > 0 ? [`${what}: ${String(count)}`] : [],
    ),
  ]
}

/** @throws ProvisioningFault that names what is left */
export async function requireGone(deps: MediaWikiDeps, made: Pick<Made, 'slug' | 'signal'>): Promise<void> {
  const left = await residueOf(deps, made)
  if (left.length > 0) throw new ProvisioningFault(`Still there: ${left.join(', ')}.`, 'residue')
}
