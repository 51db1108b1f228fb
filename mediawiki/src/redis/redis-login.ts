/** How a wiki signs in to Redis. Never as Wikistead does: that password opens every key and every channel. */
import { redisForMediaWiki } from './redis-keys.ts'
import type { RedisServer } from './redis-client.ts'
import { redisUserName } from './redis-user.ts'

/** What all wikis share where each cannot have its own. */
export interface SharedRedisLogin {
  /** None: Redis' default user. */
  readonly user?: string | undefined
  readonly password: string
}

/** What pubwiki.ini says of it. */
export interface RedisLogin {
  /** As MediaWiki writes it. */
  readonly server: string
  readonly user: string
  readonly password: string
}

/** The wiki keeps its caches in its database then. */
export const noRedis: RedisLogin = { server: '', user: '', password: '' }

export function ownRedisLogin({ url }: RedisServer, database: string, password: string): RedisLogin {
  return { server: redisForMediaWiki(url), user: redisUserName(database), password }
}

/** Where Redis lets no users be made, or the wiki's settings would not read their name. */
export function sharedRedisLogin(
  { url }: RedisServer,
  shared: SharedRedisLogin | undefined,
  readsUser: boolean,
): RedisLogin {
  if (shared === undefined || (shared.user !== undefined && !readsUser)) return noRedis
  return { server: redisForMediaWiki(url), user: shared.user ?? '', password: shared.password }
}
