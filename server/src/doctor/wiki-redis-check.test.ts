import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { checkWikiRedis } from './wiki-redis-check.ts'

const started = new AsyncDisposableStack()
let folder: string
let redis: RedisServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-doctor-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'ada'))
  redis = started.use(await startRedisServer())
})
afterAll(() => started.disposeAsync())

const acl = (...rules: string[]) => redis.ask('ACL', 'SETUSER', ...rules)
afterEach(() => acl('default', 'resetpass', `>${redis.password}`))

async function look(changes: Readonly<Record<string, string>> = {}): Promise<[ok: boolean, detail: string]> {
  const settings = {
    ...{ wikifarmDir: folder, wikifarmOauthDir: folder, wikifarmTemplate: folder, wikifarmRunner: 'host' },
    ...{ wikiRootHost: 'wikis.example', wikiDbHost: '127.0.0.1:1' },
    ...{ wikiDbAdminUser: 'admin', wikiDbAdminPassword: 'a' },
    ...{ redisServer: redis.server, redisPassword: redis.password },
  }
  const { ok, detail } = await checkWikiRedis(
    loadConfig({ defaults: { ...settings, ...changes }, env: { HOME: folder } }),
  )
  return [ok, detail]
}

const withoutAcl = async () => {
  await acl('farm', 'reset', 'on', '>farm', 'allkeys', 'allchannels', '+@all', '-acl')
  return { redisServer: `redis://farm@${redis.server}`, redisPassword: 'farm' }
}

test('a user for each wiki is fine, and it is said what becomes of them', async () => {
  expect(await look()).toEqual([true, expect.stringContaining('without an aclfile')])
})

test('where no users can be made, it says what wikis have instead', async () => {
  const farm = await withoutAcl()
  expect(await look(farm)).toEqual([false, expect.stringContaining('are in MariaDB')])
  const shared = { wikifarmRedisUser: 'wikis', wikifarmRedisPassword: 'shared' }
  expect(await look({ ...farm, ...shared })).toEqual([false, expect.stringContaining('one user for all')])
})

test('a Redis that lets everybody in is told of', async () => {
  await acl('default', 'nopass')
  expect(await look()).toEqual([false, expect.stringContaining('without a password')])
})

test('wikis that sign in as Wikistead are named, without the password', async () => {
  await writeFile(join(folder, 'ada', 'pubwiki.ini'), `REDIS_PASSWORD="${redis.password}"\n`)
  expect(await look()).toEqual([false, 'as Wikistead itself: ada'])
  await rm(join(folder, 'ada', 'pubwiki.ini'))
})

test('a Redis that is away', async () => {
  expect(await look({ redisPassword: 'another' })).toEqual([false, expect.stringContaining('Redis')])
})

test('a login of the wikis that is Wikistead’s own is refused', () => {
  const own = { redisServer: 'cache:6379', redisPassword: 'one', wikifarmRedisPassword: 'one' }
  expect(() => loadConfig({ defaults: { ...own, wikifarmDir: folder }, env: { HOME: folder } })).toThrow(
    /redis-password is the same/,
  )
})
