/** How wikis sign in to Redis: each with a user of its own, all with one, or, of an earlier release, as Wikistead does. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import { checkRedisOfWikis, readPubwikiIni, type RedisCheck } from '@wikistead/mediawiki'
import { redisOfWikis } from '../parts/mediawiki-engine.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

const name = 'redis of wikis'

export async function checkWikiRedis(config: Config): Promise<Check> {
  const redis = redisOfWikis(config)
  if (redis === undefined) return fine(name, 'off: redis-server is not set; caches are in MariaDB')
  try {
    const check = await checkRedisOfWikis(redis.server)
    const asWikistead = await signingInWith(redis.server.password, config.wikifarmDir ?? '')
    return told(check, redis.shared !== undefined, asWikistead)
  } catch (error) {
    return broken(name, inWords(error), 'Start Redis, or mend redis-server and redis-password.')
  }
}

function told({ canHaveOwn, keepsUsers, asksNobody }: RedisCheck, isShared: boolean, old: string[]): Check {
  if (asksNobody) {
    const mend = 'Give its default user a password (requirepass), and name it with redis-password.'
    return doubtful(name, 'whoever reaches Redis is in without a password, wikis too', mend)
  }
  if (old.length > 0) {
    const mend =
      'Put LocalSettings.php and WikiCache.php of the template into their folders; then choose another redis-password.'
    return doubtful(name, `as Wikistead itself: ${some(old)}`, mend)
  }
  if (canHaveOwn) {
    return fine(
      name,
      keepsUsers === true
        ? 'a user for each, kept in Redis’ aclfile'
        : 'a user for each; without an aclfile each start of Redis forgets them, and the hosts make them again within seconds',
    )
  }
  const mend = 'Let Wikistead’s user of Redis use ACL: then each wiki gets a user of its own.'
  return isShared
    ? doubtful(name, 'one user for all (wikifarm-redis-user): they reach each other’s sessions', mend)
    : doubtful(
        name,
        'none: Redis lets no users be made, so caches of new wikis are in MariaDB',
        `${mend} Or name one for all with wikifarm-redis-user.`,
      )
}

const some = (slugs: readonly string[]): string =>
  slugs.length > 3 ? `${slugs.slice(0, 3).join(', ')} and ${String(slugs.length - 3)} more` : slugs.join(', ')

async function signingInWith(password: string | undefined, folder: string): Promise<string[]> {
  if (password === undefined) return []
  const found: string[] = []
  for (const slug of (await readdir(folder).catch(() => [])).filter((each) => !each.startsWith('.'))) {
    const ini = await readPubwikiIni(join(folder, slug)).catch(() => undefined)
    if (ini?.get('REDIS_PASSWORD') === password) found.push(slug)
  }
  return found
}
