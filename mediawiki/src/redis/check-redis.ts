/** What a Redis can do for wikis that do not trust each other. It is asked; nothing is tried or changed. */
import { ifAllowed, withRedis, type RedisServer } from './redis-client.ts'

export interface RedisCheck {
  /** Whether it lets us make users. */
  readonly canHaveOwn: boolean
  /** Whether it has a file for them, and so has them after a start, too; undefined when it does not say. */
  readonly keepsUsers: boolean | undefined
  /** Whether who brings no password is in all the same. */
  readonly asksNobody: boolean
}

/** @throws ProvisioningFault when Redis does not answer */
export async function checkRedisOfWikis(server: RedisServer, deadlineMs = 4_000): Promise<RedisCheck> {
  return withRedis(server, { deadlineMs }, async (client) => {
    const file = await ifAllowed(client.configGet('aclfile'))
    const users = await ifAllowed(client.sendCommand<string[]>(['ACL', 'LIST']))
    return {
      canHaveOwn: users !== undefined,
      keepsUsers: file && (file['aclfile'] ?? '') !== '',
      asksNobody: users?.some((line) => /^user default on .*\bnopass\b/.test(line)) ?? false,
    }
  })
}
