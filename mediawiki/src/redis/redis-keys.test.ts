import { createClient } from '@redis/client'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { countRedisKeys, dropRedisKeys, redisForMediaWiki } from './redis-keys.ts'

describe('what Redis holds of a wiki', () => {
  let redis: RedisServer
  beforeEach(async () => {
    redis = await startRedisServer()
  })
  afterEach(() => redis[Symbol.asyncDispose]())

  const server = () => ({ url: `redis://${redis.server}`, password: redis.password })
  const open = () => createClient(server())
  const ask = async <T>(act: (client: ReturnType<typeof open>) => Promise<T>): Promise<T> => {
    const client = open()
    await client.connect()
    try {
      return await act(client)
    } finally {
      client.destroy()
    }
  }
  /** As MediaWiki's caches and sessions name their keys. */
  const keysOf = (database: string) => [
    `${database}:MWSession:5e8f`,
    `${database}:user:id:1`,
    `WANCache:${database}:messages:en|#|v`,
    `WANCache:{${database}:revision:7}:v`,
  ]
  const set = (keys: readonly string[]) =>
    ask(async (client) => {
      for (const key of keys) await client.set(key, '1')
    })
  const all = () => ask(async (client) => (await client.keys('*')).sort())

  test('is counted, and taken away, and never another wiki’s, however alike the names', async () => {
    const others = ['ada_lab', 'lab_ada', 'adam', 'WANCache'].flatMap(keysOf)
    const shared = ['global:user:id:1', 'WANCache:global:ada:1', 'notes-about-ada:1', 'wikistead:ada:1']
    await set([...others, ...shared, ...keysOf('ada')])
    expect(await countRedisKeys(server(), 'ada')).toBe(4)
    await dropRedisKeys(server(), 'ada')
    expect(await countRedisKeys(server(), 'ada')).toBe(0)
    expect(await all()).toEqual([...others, ...shared].sort())
    await dropRedisKeys(server(), 'ada')
  })

  test('is found among many, over more than one page of an iteration', async () => {
    await ask((client) =>
      client.mSet(
        Array.from({ length: 30_000 }, (_, n): [string, string] => [
          n % 3 === 0 ? `ada_lab:k:${String(n)}` : `other:${String(n)}`,
          '1',
        ]),
      ),
    )
    expect(await countRedisKeys(server(), 'ada-lab')).toBe(10_000)
    await dropRedisKeys(server(), 'ada-lab')
    expect(await countRedisKeys(server(), 'ada-lab')).toBe(0)
  })

  test('is not known while Redis is away, silent, or lets nobody in: a fault without its words', async () => {
    await expect(countRedisKeys({ ...server(), password: 'not this' }, 'ada')).rejects.toThrow(
      ProvisioningFault,
    )
    redis.freeze()
    await expect(countRedisKeys(server(), 'ada', { deadlineMs: 300 })).rejects.toThrow(ProvisioningFault)
    redis.thaw()
    await redis.kill()
    await expect(dropRedisKeys(server(), 'ada')).rejects.toThrow(ProvisioningFault)
    await redis.start()
    expect(await countRedisKeys(server(), 'ada')).toBe(0)
  })

  test('is not asked for once the task is told to stop', async () => {
    const reason = new Error('stopped')
    await expect(countRedisKeys(server(), 'ada', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test.each([
  ['redis://cache.example.org:6380', 'cache.example.org:6380'],
  ['redis://cache', 'cache:6379'],
  ['redis://[::1]:6379', '[::1]:6379'],
  ['rediss://cache.example.org:6380/1', 'tls://cache.example.org:6380'],
  ['unix:///run/redis/redis.sock', '/run/redis/redis.sock'],
])('%s is %s to MediaWiki', (url, server) => {
  expect(redisForMediaWiki(url)).toBe(server)
})
