import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient } from '@redis/client'
import { describe, expect, test, vi } from 'vitest'
import { heapInUse } from '../test/heap.ts'
import { eventually } from '@wikistead/test/eventually'
import { MemoryLog } from '../test/memory-log.ts'
import { startRedisServer, type RedisServer } from '../test/redis-server.ts'
import type { LiveEvents } from './live-events.ts'
import { redisLive, type RedisLiveOptions } from './redis-live.ts'
import { tailingLive } from './tailing-live.ts'

const never = 3_600_000

/** As one process would have it. Without another interval, only Redis can wake anybody. */
function liveOver(
  redis: RedisServer,
  log: MemoryLog,
  options: Partial<RedisLiveOptions> & { tailMs?: number } = {},
) {
  const { tailMs = never, ...rest } = options
  return redisLive({
    server: redis.server,
    password: redis.password,
    fallback: tailingLive({ lastSeqs: log.lastSeqs, intervalMs: tailMs }),
    safetyIntervalMs: never,
    ...rest,
  })
}

async function connected(...lives: readonly LiveEvents[]): Promise<void> {
  await eventually(() => expect(lives.map((live) => live.health().ok)).toEqual(lives.map(() => true)))
}

async function admin(redis: RedisServer) {
  const client = createClient({ url: `redis://${redis.server}`, password: redis.password })
  client.on('error', () => {})
  return client.connect()
}

describe('with Redis up', () => {
  test('a publish in one process wakes the listeners in another', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    await using here = liveOver(redis, log)
    await using there = liveOver(redis, log)
    await connected(here, there)
    const [wake, other] = [vi.fn(), vi.fn()]
    there.subscribe('a', wake)
    there.subscribe('b', other)
    here.publish('a')
    await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
    expect(other).not.toHaveBeenCalled()
    expect(log.asked.lastSeqs).toBe(0)
  })

  test('a publish wakes a listener of the same process once, not again by way of Redis', async () => {
    await using redis = await startRedisServer()
    await using here = liveOver(redis, new MemoryLog())
    await using there = liveOver(redis, new MemoryLog())
    await connected(here, there)
    const [own, others, back] = [vi.fn(), vi.fn(), vi.fn()]
    here.subscribe('a', own)
    there.subscribe('a', others)
    here.publish('a')
    await eventually(() => expect(others).toHaveBeenCalledTimes(1))
    // What came back to this process came before this.
    here.subscribe('b', back)
    there.publish('b')
    await eventually(() => expect(back).toHaveBeenCalledTimes(1))
    expect(own).toHaveBeenCalledTimes(1)
  })

  test('another process of the system is heard', async () => {
    await using redis = await startRedisServer()
    await using live = liveOver(redis, new MemoryLog())
    const publisher = spawn(
      process.execPath,
      [fileURLToPath(new URL('../test/publisher.ts', import.meta.url)), redis.server, redis.password],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    try {
      await connected(live)
      await once(publisher.stdout, 'data')
      const woken = new Set<string>()
      const taskIds = Array.from({ length: 100 }, (_, task) => `task ${task}`)
      for (const taskId of taskIds) live.subscribe(taskId, () => woken.add(taskId))
      publisher.stdin.end(taskIds.join('\n'))
      await eventually(() => expect(woken.size).toBe(100))
    } finally {
      publisher.kill()
    }
  })

  test('1,000 listeners share one connection, and each is woken', async () => {
    await using redis = await startRedisServer()
    await using here = liveOver(redis, new MemoryLog())
    await using there = liveOver(redis, new MemoryLog())
    await connected(here, there)
    const woken = new Set<number>()
    for (let listener = 0; listener < 1_000; listener++) {
      there.subscribe(`task ${listener % 100}`, () => woken.add(listener))
    }
    for (let task = 0; task < 100; task++) here.publish(`task ${task}`)
    await eventually(() => expect(woken.size).toBe(1_000))
    const client = await admin(redis)
    expect((await client.info('clients')).match(/connected_clients:(\d+)/)?.[1]).toBe('3')
    client.destroy()
  })

  test('what is no message of ours is nothing', async () => {
    await using redis = await startRedisServer()
    await using live = liveOver(redis, new MemoryLog())
    await connected(live)
    const wake = vi.fn()
    live.subscribe('a', wake)
    const client = await admin(redis)
    for (const message of ['', '[', '{"a":1}', 'null', '[7,"b"]', '["x",{"a":"a"},["a"]]', '["x","a"]']) {
      await client.publish('wikistead:tasks', message)
    }
    client.destroy()
    await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
    expect(live.health().ok).toBe(true)
  })

  test('what pub/sub has lost is found by the slow tail', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    await using live = liveOver(redis, log, { safetyIntervalMs: 20 })
    await connected(live)
    const wake = vi.fn()
    live.subscribe('a', wake)
    await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
    // Written by somebody who could not publish it.
    log.append('a', 'progress')
    await eventually(() => expect(wake).toHaveBeenCalledTimes(2))
  })

  test('disposal leaves no connection and asks no more', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    const live = liveOver(redis, log, { safetyIntervalMs: 1 })
    await connected(live)
    live.subscribe('a', () => {})
    await eventually(() => expect(log.asked.lastSeqs).toBeGreaterThan(0))
    await live[Symbol.asyncDispose]()
    const { lastSeqs } = log.asked
    const client = await admin(redis)
    await eventually(async () => expect(await client.info('clients')).toContain('connected_clients:1\r'))
    client.destroy()
    expect(log.asked.lastSeqs).toBe(lastSeqs)
    live.publish('a')
  })
})

describe('with Redis down', () => {
  test('the tail takes over at once, and steps back when Redis is there again', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    await using here = liveOver(redis, log)
    await using there = liveOver(redis, log, { tailMs: 5 })
    await connected(here, there)
    const wake = vi.fn()
    there.subscribe('a', wake)
    await redis.kill()
    await eventually(() => expect(there.health().ok).toBe(false))
    expect(there.health().detail).toMatch(/^Redis at redis:\/\/127.*; asking the store every 5 ms$/)
    for (let count = 0; count < 5; count++) {
      wake.mockClear()
      log.append('a', 'progress')
      here.publish('a')
      await eventually(() => expect(wake).toHaveBeenCalled())
    }
    await redis.start()
    await connected(here, there)
    wake.mockClear()
    const { lastSeqs } = log.asked
    here.publish('a')
    await eventually(() => expect(wake).toHaveBeenCalled())
    // At most the one question that every turn asks.
    expect(log.asked.lastSeqs - lastSeqs).toBeLessThanOrEqual(1)
  })

  test('what was published while nobody could hear is found when Redis is there again', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    await using live = liveOver(redis, log)
    await connected(live)
    const wake = vi.fn()
    live.subscribe('a', wake)
    await redis.kill()
    await eventually(() => expect(live.health().ok).toBe(false))
    // The turn for the worse asked once; with this tail nothing else asks.
    await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
    log.append('a', 'progress')
    await redis.start()
    await connected(live)
    await eventually(() => expect(wake).toHaveBeenCalledTimes(2))
  })

  test('it may be down from the beginning', async () => {
    await using redis = await startRedisServer()
    await redis.kill()
    const log = new MemoryLog()
    await using live = liveOver(redis, log, { tailMs: 5 })
    const wake = vi.fn()
    live.subscribe('a', wake)
    await eventually(() => expect(live.health().detail).toContain('ECONNREFUSED'))
    await eventually(() => expect(wake).toHaveBeenCalled())
    await redis.start()
    await connected(live)
  })

  test('publishing costs no memory and never throws', async () => {
    await using redis = await startRedisServer()
    await using live = liveOver(redis, new MemoryLog())
    await connected(live)
    await redis.kill()
    await eventually(() => expect(live.health().ok).toBe(false))
    const before = heapInUse()
    for (let task = 0; task < 500_000; task++) live.publish(`task ${task}`)
    expect(heapInUse() - before).toBeLessThan(5_000_000)
  })
})

describe('with Redis silent', () => {
  test('the tail takes over while the connection still stands, and steps back when Redis answers', async () => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    await using live = liveOver(redis, log, { tailMs: 5 })
    await connected(live)
    const wake = vi.fn()
    live.subscribe('a', wake)
    redis.freeze()
    await eventually(() =>
      expect(live.health().detail).toMatch(/does not answer; asking the store every 5 ms/),
    )
    await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
    log.append('a', 'progress')
    await eventually(() => expect(wake).toHaveBeenCalledTimes(2))
    redis.thaw()
    await connected(live)
  })

  test('the connection is given up after a while, and made anew', async () => {
    await using redis = await startRedisServer()
    await using live = liveOver(redis, new MemoryLog())
    await connected(live)
    redis.freeze()
    await eventually(() => expect(live.health().detail).toContain('no answer for 3 s'))
    redis.thaw()
    await connected(live)
    const client = await admin(redis)
    await eventually(async () => expect(await client.info('clients')).toContain('connected_clients:2\r'))
    client.destroy()
  })

  test('publishing costs no memory that grows', async () => {
    await using redis = await startRedisServer()
    await using live = liveOver(redis, new MemoryLog())
    await connected(live)
    redis.freeze()
    const before = heapInUse()
    for (let task = 0; task < 500_000; task++) live.publish(`task ${task}`)
    expect(heapInUse() - before).toBeLessThan(5_000_000)
  })

  test('disposal does not wait for it, neither connected nor connecting', async () => {
    await using redis = await startRedisServer()
    const connectedOne = liveOver(redis, new MemoryLog())
    await connected(connectedOne)
    redis.freeze()
    const connecting = liveOver(redis, new MemoryLog())
    await connectedOne[Symbol.asyncDispose]()
    await connecting[Symbol.asyncDispose]()
    redis.thaw()
    const client = await admin(redis)
    await eventually(async () => expect(await client.info('clients')).toContain('connected_clients:1\r'))
    client.destroy()
  })
})

describe('with Redis refusing', () => {
  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['no password', {}],
  ])('%s shows in health, and the tail does the work', async (_, password) => {
    await using redis = await startRedisServer()
    const log = new MemoryLog()
    const fallback = tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 5 })
    await using live = redisLive({ server: redis.server, ...password, fallback })
    await eventually(() =>
      expect(live.health().detail).toContain('it refuses the password; set REDIS_PASSWORD'),
    )
    expect(live.health().ok).toBe(false)
    expect(live.health().detail).not.toContain('wrong')
    const wake = vi.fn()
    live.subscribe('a', wake)
    await eventually(() => expect(wake).toHaveBeenCalled())
  })

  test('a user that may do what is needed, and nothing else, is enough; one that may not publish is not', async () => {
    await using redis = await startRedisServer()
    const client = await admin(redis)
    const rights = ['on', '>pw', 'resetchannels', '&wikistead:tasks', '+hello', '+ping', '+subscribe']
    await client.aclSetUser('both', [...rights, '+publish'])
    await client.aclSetUser('listener', rights)
    client.destroy()
    const as = (user: string) =>
      liveOver(redis, new MemoryLog(), { server: `redis://${user}@${redis.server}`, password: 'pw' })
    await using both = as('both')
    await using listener = as('listener')
    await connected(both)
    await eventually(() => expect(listener.health().detail).toMatch(/NOPERM.*publish/))
    expect(both.health().detail).toContain(`Redis at redis://${redis.server}`)
  })
})
