import { startRedisServer } from '@wikistead/live/test/redis-server'
import { expect, test } from 'vitest'
import { localCounter, redisCounter, type RateCounter } from './rate-counter.ts'

test('a span counts from its first, and the next begins at one', async () => {
  let time = 1_000
  const counter = localCounter(() => time)
  expect(await counter.count('a', 500)).toEqual({ current: 1, ttl: 500 })
  time += 400
  expect(await counter.count('a', 500)).toEqual({ current: 2, ttl: 100 })
  expect(await counter.count('b', 500)).toEqual({ current: 1, ttl: 500 })
  time += 100
  expect(await counter.count('a', 500)).toEqual({ current: 1, ttl: 500 })
})

test('what is over makes room', async () => {
  let time = 0
  const counter = localCounter(() => time)
  for (let n = 0; n < 60_000; n += 1) await counter.count(String(n), 10)
  time = 20
  expect(await counter.count('59999', 10)).toEqual({ current: 1, ttl: 10 })
})

test('two processes count together over Redis, each for itself while it is away, and together again', async () => {
  await using redis = await startRedisServer()
  const { server, password } = redis
  await using one = redisCounter({ server, password })
  await using other = redisCounter({ server, password })
  const both = (key: string) => async () =>
    (await other.count(key, 60_000)).current + (await one.count(key, 60_000)).current
  // Until both have found Redis, each begins at one.
  await expect.poll(both('a')).toBeGreaterThan(4)
  const { ttl } = await one.count('a', 60_000)
  expect(ttl).toBeGreaterThan(0)
  expect(ttl).toBeLessThanOrEqual(60_000)

  await redis.kill()
  const alone = async (counter: RateCounter) => (await counter.count('b', 60_000)).current
  expect([await alone(one), await alone(one), await alone(other)]).toEqual([1, 2, 1])
  await redis.start()
  let n = 0
  await expect
    .poll(async () => {
      n += 1
      await one.count(`c${String(n)}`, 60_000)
      return (await other.count(`c${String(n)}`, 60_000)).current
    })
    .toBe(2)
})
