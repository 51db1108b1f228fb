/** What a wiki's user of a real Redis reaches: somebody who holds the password from a pubwiki.ini tries it. */
import { createHash, randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { databaseName } from '../names/slug.ts'
import { dropRedisUser, redisUserName, redisUsers, setRedisUsers } from './redis-user.ts'

const password = 'of-the-wiki'
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedisServer()
})
afterAll(() => redis[Symbol.asyncDispose]())

const server = () => ({ url: `redis://${redis.server}`, password: redis.password })
const open = (login: { readonly username?: string; readonly password: string }) => {
  const client = createClient({
    ...{ url: `redis://${redis.server}`, disableOfflineQueue: true },
    ...{ ...login, socket: { reconnectStrategy: false as const } },
  })
  client.on('error', () => undefined)
  return client
}
const ask = async (login: Parameters<typeof open>[0], ...command: string[]): Promise<unknown> => {
  const client = open(login)
  await client.connect()
  try {
    return await client.sendCommand(command)
  } catch (error) {
    return error instanceof Error ? error.message : error
  } finally {
    client.destroy()
  }
}
const asRoot = (...command: string[]) => ask({ password: redis.password }, ...command)
const asWiki = (slug: string, ...command: string[]) =>
  ask({ username: redisUserName(databaseName(slug)), password }, ...command)

const slugs = ['vic', 'vic-content', 'vic-2', 'avic']
beforeEach(async () => {
  await asRoot('FLUSHALL')
  await setRedisUsers(
    server(),
    slugs.map((slug) => ({ database: databaseName(slug), password })),
  )
  for (const slug of slugs) {
    for (const key of keysOf(slug)) expect(await asRoot('SET', key, slug)).toBe('OK')
  }
  await asRoot('SET', 'Wikistead:rate:user:1', '7')
  await asRoot('SET', 'global:user:id:1', '1')
})

const keysOf = (slug: string): readonly string[] => {
  const database = databaseName(slug)
  return [`${database}:MWSession:5e8f`, `WANCache:${database}:page|#|v`, `WANCache:{${database}:page}:v`]
}

test('its own keys, and no other’s, however alike the names', async () => {
  for (const slug of slugs) {
    for (const key of slugs.flatMap(keysOf)) {
      const own = keysOf(slug).includes(key)
      const refused = expect.stringMatching('NOPERM') as string
      expect(await asWiki(slug, 'GET', key), `${slug} reads ${key}`).toEqual(
        own ? expect.any(String) : refused,
      )
      expect(await asWiki(slug, 'SET', key, slug), `${slug} writes ${key}`).toEqual(own ? 'OK' : refused)
      expect(await asWiki(slug, 'DEL', key, keysOf('vic')[0] ?? ''), `${slug} deletes ${key}`).toEqual(
        own && slug === 'vic' ? expect.any(Number) : refused,
      )
      if (own) await asRoot('SET', key, slug)
    }
  }
})

test('nothing of the farm’s, nothing of the server’s, and no way to learn of keys', async () => {
  const client = open({ username: 'wiki.vic', password })
  await client.connect()
  for (const line of [
    ...['GET Wikistead:rate:user:1', 'SET Wikistead:rate:user:1 0', 'GET global:user:id:1'],
    ...['PUBLISH wikistead:tasks x', 'SUBSCRIBE wikistead:tasks', 'PSUBSCRIBE *', 'SSUBSCRIBE x'],
    ...['KEYS *', 'SCAN 0', 'RANDOMKEY', 'DBSIZE', 'INFO', 'MONITOR', 'SELECT 1', 'OBJECT FREQ avic:k'],
    ...['FLUSHALL', 'FLUSHDB', 'SWAPDB 0 1', 'SHUTDOWN', 'SAVE', 'REPLICAOF example.org 6379'],
    ...['CONFIG GET requirepass', 'ACL LIST', 'ACL SETUSER wiki.vic allkeys', 'CLIENT LIST'],
    ...['EVAL x 1 avic:k', 'EVAL x 0', 'EVALSHA x 0', 'SCRIPT FLUSH', 'FUNCTION FLUSH'],
    ...['SORT vic:list GET avic:*', 'RENAME vic:k avic:k', 'COPY avic:k vic:stolen', 'MOVE vic:k 1'],
  ]) {
    const answer = await client.sendCommand(line.split(' ')).catch((error: unknown) => String(error))
    expect(answer, line).toMatch('NOPERM')
  }
  client.destroy()
})

test('it is in with its password only, and out with its connections when it is taken away', async () => {
  await expect(open({ username: 'wiki.vic', password: 'another' }).connect()).rejects.toThrow('WRONGPASS')
  await setRedisUsers(server(), [{ database: 'vic', password: 'renewed' }])
  await expect(open({ username: 'wiki.vic', password }).connect()).rejects.toThrow('WRONGPASS')
  const client = open({ username: 'wiki.vic', password: 'renewed' })
  await client.connect()
  const ended = new Promise((resolve) => client.once('error', resolve))
  await dropRedisUser(server(), 'vic')
  await ended
  expect(await redisUsers(server())).toEqual(new Set(['vic_content', 'vic_2', 'avic']))
  await dropRedisUser(server(), 'vic')
})

test('what such a user had more is gone when it is made again', async () => {
  await asRoot('ACL', 'SETUSER', 'wiki.vic', 'allkeys', 'allcommands', 'nopass')
  await setRedisUsers(server(), [{ database: 'vic', password }])
  expect(await asWiki('vic', 'KEYS', '*')).toEqual(expect.stringMatching('NOPERM'))
  await expect(open({ username: 'wiki.vic', password: 'another' }).connect()).rejects.toThrow('WRONGPASS')
})

test('a Redis that lets us make no users says so, and nothing was changed', async () => {
  await asRoot('ACL', 'SETUSER', 'farm', 'on', '>farm', 'allkeys', '+@all', '-acl')
  const farm = { url: `redis://farm@${redis.server}`, password: 'farm' }
  expect(await setRedisUsers(farm, [{ database: 'eve', password }])).toBe(false)
  expect(await redisUsers(farm)).toBeUndefined()
  await dropRedisUser(farm, 'vic')
  expect(await redisUsers(server())).toEqual(new Set(slugs.map(databaseName)))
})

test('a Redis that has a file for its users still has them after a start', async () => {
  const file = join(tmpdir(), `wikistead-users-${randomUUID()}.acl`)
  const hash = createHash('sha256').update(redis.password).digest('hex')
  await writeFile(file, `user default on #${hash} ~* &* +@all\n`)
  await using kept = await startRedisServer(file)
  const place = { url: `redis://${kept.server}`, password: kept.password }
  await setRedisUsers(place, [
    { database: 'vic', password },
    { database: 'eve', password },
  ])
  await dropRedisUser(place, 'eve')
  await kept.kill()
  await kept.start()
  expect(await redisUsers(place)).toEqual(new Set(['vic']))
  await rm(file)
})

test('the user that docs/serving-mediawiki.md names for all wikis reaches theirs, and not Wikistead’s', async () => {
  const page = await readFile(new URL('../../../docs/serving-mediawiki.md', import.meta.url), 'utf8')
  const [, rules = ''] = /^ *ACL SETUSER wikis (.*)$/m.exec(page) ?? []
  expect(await asRoot('ACL', 'SETUSER', 'wikis', ...rules.replace('PASSWORD', password).split(' '))).toBe(
    'OK',
  )
  const asWikis = (...command: string[]) => ask({ username: 'wikis', password }, ...command)
  for (const key of slugs.flatMap(keysOf)) expect(await asWikis('GET', key)).toEqual(expect.any(String))
  expect(await asWikis('GET', 'Wikistead:rate:user:1')).toEqual(expect.stringMatching('NOPERM'))
  expect(await asWikis('PUBLISH', 'wikistead:tasks', 'x')).toEqual(expect.stringMatching('NOPERM'))
})
