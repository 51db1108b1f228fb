/** A wiki's way into Redis, before its pubwiki.ini says so: a user of its own where the server makes one. */
import { join } from 'node:path'
import type { MediaWikiDeps } from './activity-deps.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { newPassword, readKept } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import { noRedis, ownRedisLogin, sharedRedisLogin, type RedisLogin } from '../redis/redis-login.ts'
import { redisUserName, setRedisUsers } from '../redis/redis-user.ts'

/** For whom a login is provided. */
export interface LoginOfWiki {
  /** The wiki's own, which this task made. */
  readonly folder: string
  readonly slug: string
  readonly task: string
  readonly signal: AbortSignal
}

/** Done again by the same task, it keeps the password. @throws ProvisioningFault */
export async function provideRedisLogin(
  { redis, log }: Pick<MediaWikiDeps, 'redis' | 'log'>,
  { folder, slug, task, signal }: LoginOfWiki,
): Promise<RedisLogin> {
  if (redis === undefined) return noRedis
  const database = databaseName(slug)
  const readsUser = await readsRedisUser(folder)
  if (readsUser) {
    const isKept = (await readKept(folder, task, 'REDIS_USER')) === redisUserName(database)
    const before = isKept ? await readKept(folder, task, 'REDIS_PASSWORD') : undefined
    const password = before ?? newPassword()
    if (await setRedisUsers(redis.server, [{ database, password }], { signal })) {
      return ownRedisLogin(redis.server, database, password)
    }
  }
  const login = sharedRedisLogin(redis.server, redis.shared, readsUser)
  if (login === noRedis) log.warn({ slug }, readsUser ? noUsers : oldSettings)
  return login
}

const kept = 'the wiki keeps its caches in its database, and not in Redis:'
const noUsers = `${kept} Redis lets no users be made, and there is no wikifarm-redis-password`
const oldSettings = `${kept} its settings do not know REDIS_USER; build the template anew (\`wikistead template build\`)`

/** Whether the wiki's settings know of a user of Redis, and of a cache that gets along with the few rights of one. */
export async function readsRedisUser(folder: string): Promise<boolean> {
  const [settings, cache] = await Promise.all(
    ['LocalSettings.php', 'WikiCache.php'].map((name) =>
      readPlainFile(join(folder, name)).catch(() => undefined),
    ),
  )
  return settings?.bytes.includes('REDIS_USER') === true && cache !== undefined
}
