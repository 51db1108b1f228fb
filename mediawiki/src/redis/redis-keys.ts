/**
 * What Redis holds of a wiki whose MediaWiki keeps its caches and sessions there: keys that begin with the name of its
 * database, alone or behind the mark of MediaWiki's second cache. `ada:…` is never a key of the wiki ada-lab.
 */
import { withRedis, type RedisClient, type RedisServer, type RedisWork } from './redis-client.ts'
import { databaseName } from '../names/slug.ts'

/** How every key of the wiki with this database begins. No name of a database holds the sign at the end. */
export const keyBeginnings = (database: string): readonly string[] => [
  ...[`${database}:`, `WANCache:${database}:`, `WANCache:{${database}:`],
]

/** How many keys there are. @throws ProvisioningFault when Redis does not answer, or not as it should */
export async function countRedisKeys(
  server: RedisServer,
  slug: string,
  work: RedisWork = {},
): Promise<number> {
  let count = 0
  await eachBatch(server, slug, work, (keys) => {
    count += keys.length
    return Promise.resolve()
  })
  return count
}

/** Takes them all away, if there are any. @throws ProvisioningFault when Redis does not answer, or not as it should */
export async function dropRedisKeys(server: RedisServer, slug: string, work: RedisWork = {}): Promise<void> {
  await eachBatch(server, slug, work, async (keys, client) => {
    await client.unlink(keys)
  })
}

async function eachBatch(
  server: RedisServer,
  slug: string,
  work: RedisWork,
  act: (keys: string[], client: RedisClient) => Promise<void>,
): Promise<void> {
  const database = databaseName(slug)
  const beginnings = keyBeginnings(database)
  await withRedis(server, work, async (client, ending) => {
    for await (const found of client.scanIterator({ MATCH: `*${database}:*`, COUNT: 1_000 })) {
      ending.throwIfAborted()
      const keys = found.filter((key) => beginnings.some((start) => key.startsWith(start)))
      if (keys.length > 0) await act(keys, client)
    }
  })
}

/** The server as MediaWiki writes it: `host:port`, `tls://host:port` or the path of a socket. */
export function redisForMediaWiki(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  if (protocol === 'unix:') return pathname
  return `${protocol === 'rediss:' ? 'tls://' : ''}${hostname}:${port === '' ? '6379' : port}`
}
