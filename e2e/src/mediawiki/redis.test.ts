/** Wikis whose MediaWiki keeps caches and sessions in Redis: what is there of them goes with them. */
import { createClient } from '@redis/client'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const started = new AsyncDisposableStack()
let redis: RedisServer
let world: MediaWikiWorld

beforeAll(async () => {
  redis = started.use(await startRedisServer())
  world = started.use(
    await startMediaWikiWorld({
      host: 'here',
      settings: {
        ...{ 'redis-server': redis.server, 'redis-password': redis.password },
        'mediawiki-undo-window': '0',
      },
    }),
  )
})
afterAll(() => started.disposeAsync())

async function keys(): Promise<readonly string[]> {
  const client = createClient({ url: `redis://${redis.server}`, password: redis.password })
  await client.connect()
  try {
    return await client.keys('*')
  } finally {
    client.destroy()
  }
}
const of = async (database: string) => (await keys()).filter((key) => key.includes(`${database}:`))

test('MediaWiki finds Redis by what its pubwiki.ini says, and a removal ends only when no key is left', async () => {
  for (const slug of ['ada', 'ada-lab']) {
    expect((await world.ended(await world.create(slug))).status).toBe('succeeded')
    expect(await of(slug.replace('-', '_'))).not.toEqual([])
  }
  const others = await of('ada_lab')
  const wiki = await world.stack.store.wikis.byClaim('mediawiki', 'ada')

  await redis.kill()
  const taskId = await world.ask('DELETE', `/v1/wikis/${String(wiki?.wiki_id)}`)
  await expect
    .poll(() => world.events(taskId))
    .toContainEqual(
      expect.objectContaining({
        failed_attempt: expect.objectContaining({
          cause: expect.stringMatching('Redis') as unknown,
        }) as unknown,
      }),
    )
  await redis.start()
  await refill(others)
  expect((await world.ended(taskId)).status).toBe('succeeded')
  expect((await keys()).filter((key) => /(?:^|[:{])ada:/.test(key))).toEqual([])
  expect(await of('ada_lab')).toEqual(expect.arrayContaining([...others]))
})

/** A killed Redis has forgotten all of it. */
async function refill(others: readonly string[]): Promise<void> {
  const client = createClient({ url: `redis://${redis.server}`, password: redis.password })
  await client.connect()
  for (const key of [...others, 'ada:MWSession:1', 'WANCache:ada:1|#|v']) await client.set(key, '1')
  client.destroy()
}
