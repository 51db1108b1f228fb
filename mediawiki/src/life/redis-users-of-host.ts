/**
 * The users of Redis of a host's wikis, made again from what their pubwiki.ini says: a Redis that keeps its users nowhere has
 * none of them after a start. A wiki that an earlier release made, with Wikistead's own login, gets its user here, too, once
 * its settings can use one.
 */
import { join } from 'node:path'
import type { MediaWikiDeps, RedisDeps } from '../phases/activity-deps.ts'
import { readsRedisUser } from '../phases/wiki-redis.ts'
import { newPassword, readIniValues, renewPubwikiValues, type IniValues } from '../ini/pubwiki-file.ts'
import { redisValues } from '../ini/pubwiki-values.ts'
import { databaseName } from '../names/slug.ts'
import { madeWikis } from './made-wikis.ts'
import { redisForMediaWiki } from '../redis/redis-keys.ts'
import { noRedis, ownRedisLogin, sharedRedisLogin, type RedisLogin } from '../redis/redis-login.ts'
import { dropRedisUser, redisUserName, redisUsers, setRedisUsers } from '../redis/redis-user.ts'

type Deps = Pick<MediaWikiDeps, 'store' | 'redis' | 'folders'>

export interface HostRedisUsers {
  /** The databases of the wikis that have a user. */
  readonly own: ReadonlySet<string>
  /** The slugs of wikis that sign in as Wikistead does, and cannot be helped. */
  readonly asWikistead: readonly string[]
}

/** Whether Redis has all of these. */
export async function hasRedisUsers(
  { redis }: Pick<Deps, 'redis'>,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<boolean> {
  if (redis === undefined || wanted.size === 0) return true
  const there = await redisUsers(redis.server, { signal })
  return [...wanted].every((database) => there?.has(database))
}

/** Makes all of them so. @throws the first fault, once all the other wikis had their turn */
export async function renewRedisUsersOfHost(
  { store, redis, folders }: Deps,
  host: string,
  signal: AbortSignal,
): Promise<HostRedisUsers> {
  const [own, asWikistead] = [new Set<string>(), new Array<string>()]
  if (redis === undefined) return { own, asWikistead }
  const canHaveOwn = (await redisUsers(redis.server, { signal })) !== undefined
  const wikis = new Array<Wiki>()
  for await (const { address: slug, task_id: heldBy } of madeWikis(store, host)) {
    const wiki = await read(redis, join(folders.wikis, slug), slug)
    // The pubwiki.ini of one that is being changed is its task's to write.
    if (wiki !== undefined && (wiki.isOwn || heldBy === null)) wikis.push(wiki)
  }
  const standing = wikis.filter(({ isOwn }) => isOwn)
  if (canHaveOwn) await makeUsers(redis, standing, signal)
  for (const { database } of standing) own.add(database)
  let first: { readonly error: unknown } | undefined
  for (const wiki of wikis.filter(({ isOwn }) => !isOwn)) {
    signal.throwIfAborted()
    try {
      const to = nextLogin(redis, wiki, canHaveOwn)
      if (to === undefined) {
        if (wiki.isAsWikistead) asWikistead.push(wiki.slug)
        continue
      }
      const isOwn = to.user === redisUserName(wiki.database)
      if (isOwn) await makeUsers(redis, [{ ...wiki, password: to.password }], signal)
      await renewPubwikiValues(wiki.folder, redisValues(to))
      if (isOwn) own.add(wiki.database)
    } catch (error) {
      first ??= { error }
    }
  }
  if (first !== undefined) throw first.error
  return { own, asWikistead }
}

interface Wiki {
  readonly slug: string
  readonly database: string
  readonly folder: string
  /** Its password there. */
  readonly password: string
  readonly isOwn: boolean
  /** As Wikistead itself does. */
  readonly isAsWikistead: boolean
  /** Whether its settings can use a user of their own. */
  readonly readsUser: boolean
}

/** Undefined for a wiki that is not there, or whose caches are elsewhere. */
async function read({ server, shared }: RedisDeps, folder: string, slug: string): Promise<Wiki | undefined> {
  const keys = ['REDIS_SERVER', 'REDIS_USER', 'REDIS_PASSWORD']
  const said: IniValues = await readIniValues(folder, keys).catch(() => ({}))
  const { REDIS_SERVER: place = '', REDIS_USER: user = '', REDIS_PASSWORD: password = '' } = said
  if (typeof password !== 'string' || place !== redisForMediaWiki(server.url)) return undefined
  const database = databaseName(slug)
  const isOwn = user === redisUserName(database) && password !== ''
  const isShared = shared !== undefined && user === (shared.user ?? '') && password === shared.password
  return {
    ...{ slug, database, folder, password, isOwn },
    isAsWikistead: !isOwn && !isShared,
    readsUser: isOwn || (await readsRedisUser(folder)),
  }
}

/** What a wiki that has no user of its own shall have instead; undefined when it stays as it is. */
function nextLogin(redis: RedisDeps, wiki: Wiki, canHaveOwn: boolean): RedisLogin | undefined {
  const { server, shared } = redis
  if (canHaveOwn && wiki.readsUser) return ownRedisLogin(server, wiki.database, newPassword())
  if (!wiki.isAsWikistead) return undefined
  const login = sharedRedisLogin(server, shared, wiki.readsUser)
  return login === noRedis ? undefined : login
}

type NewUser = Pick<Wiki, 'database' | 'folder' | 'password'>

async function makeUsers({ server }: RedisDeps, users: readonly NewUser[], signal: AbortSignal) {
  await setRedisUsers(server, users, { signal })
  // Who removes a wiki meanwhile takes its user first and its folder last, and then counts.
  for (const { database, folder } of users) {
    const isThere = await readIniValues(folder, []).then(
      () => true,
      () => false,
    )
    if (!isThere) await dropRedisUser(server, database, { signal })
  }
}
