/**
 * A wiki's user of Redis: it reaches the keys of its wiki, knows the names of no others, hears and says nothing on any
 * channel, and runs no script. Where Redis keeps its users in a file they are written there; elsewhere they are gone with
 * the next start, and the wiki's host makes them again.
 */
import { createHash } from 'node:crypto'
import { ErrorReply } from '@redis/client'
import { ifAllowed, withRedis, type RedisClient, type RedisServer, type RedisWork } from './redis-client.ts'
import { keyBeginnings } from './redis-keys.ts'

/** Never another wiki's: no two wikis have one database. */
export const redisUserName = (database: string): string => `wiki.${database}`

/** Those of the cache class of the template (`WikiCache.php`), one key each, and none that tells of keys. */
const commands = [
  ...['get', 'set', 'setex', 'del', 'expire', 'expireat', 'persist', 'incrby'],
  ...['multi', 'exec', 'discard', 'ping'],
]

/** What ACL SETUSER takes: whatever the user was before is gone, and the password itself is never said. */
function redisUserRules(database: string, password: string): readonly string[] {
  return [
    ...['reset', 'on', `#${createHash('sha256').update(password).digest('hex')}`],
    ...keyBeginnings(database).map((beginning) => `~${beginning}*`),
    ...['-@all', ...commands.map((command) => `+${command}`)],
  ]
}

export interface RedisUser {
  readonly database: string
  readonly password: string
}

/**
 * Makes them, or makes them so again.
 * @returns false when this Redis does not let us make users, and then nothing was changed
 * @throws ProvisioningFault
 */
export async function setRedisUsers(
  server: RedisServer,
  users: readonly RedisUser[],
  work: RedisWork = {},
): Promise<boolean> {
  return withRedis(server, work, async (client) => {
    for (const { database, password } of users) {
      const rules = redisUserRules(database, password)
      const made = await ifAllowed(client.sendCommand(['ACL', 'SETUSER', redisUserName(database), ...rules]))
      if (made === undefined) return false
    }
    if (users.length > 0) await save(client)
    return true
  })
}

/** Its connections end with it. Nothing where there is none. @throws ProvisioningFault */
export async function dropRedisUser(
  server: RedisServer,
  database: string,
  work: RedisWork = {},
): Promise<void> {
  await withRedis(server, work, async (client) => {
    const gone = await ifAllowed(client.sendCommand(['ACL', 'DELUSER', redisUserName(database)]))
    if (gone !== undefined) await save(client)
  })
}

/** The databases of the wikis that have one; undefined when this Redis does not say. @throws ProvisioningFault */
export async function redisUsers(
  server: RedisServer,
  work: RedisWork = {},
): Promise<ReadonlySet<string> | undefined> {
  return withRedis(server, work, async (client) => {
    const names = await ifAllowed(client.sendCommand<string[]>(['ACL', 'USERS']))
    const prefix = redisUserName('')
    return (
      names &&
      new Set(names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)))
    )
  })
}

/** Where Redis has no file for its users, it says so, and that is nobody's fault. */
async function save(client: RedisClient): Promise<void> {
  await client.sendCommand(['ACL', 'SAVE']).catch((error: unknown) => {
    if (!(error instanceof ErrorReply)) throw error
  })
}
