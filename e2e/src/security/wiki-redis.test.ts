/**
 * Somebody who reads a wiki's pubwiki.ini has a user of Redis, and tries to get on with it to another wiki's sessions and
 * to what wakes the control plane's processes. The wikis are made the whole way, by the phases, in a real Redis.
 */
import { eventually } from '@wikistead/test/eventually'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  for (const slug of ['vic', 'vic-content']) {
    expect(await world.ended(await world.create(slug))).toMatchObject({ status: 'succeeded' })
  }
})
afterAll(() => started.disposeAsync())

interface Login {
  readonly username?: string | undefined
  readonly password: string
}

/** The answers, or what Redis says against it. */
async function ask({ username, password }: Login, ...commands: string[][]): Promise<unknown[]> {
  const client = createClient({
    ...{ url: `redis://${redis.server}`, password, socket: { reconnectStrategy: false } },
    ...(username !== undefined && { username }),
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const answers: unknown[] = []
    for (const command of commands) {
      answers.push(await client.sendCommand(command).catch((error: unknown) => String(error)))
    }
    return answers
  } catch (error) {
    return [String(error)]
  } finally {
    if (client.isOpen) client.destroy()
  }
}
const asOperator = async <T>(...command: string[]): Promise<T> =>
  (await ask({ password: redis.password }, command))[0] as T
const users = async () => (await asOperator<string[]>('ACL', 'USERS')).filter((name) => name !== 'default')

const iniOf = (slug: string) => join(world.wikisFolder, slug, 'pubwiki.ini')
async function loginOf(slug: string): Promise<Login> {
  const ini = await readFile(iniOf(slug), 'utf8')
  const value = (key: string) => new RegExp(`^${key}="?(.*?)"?$`, 'm').exec(ini)?.[1] ?? ''
  const username = value('REDIS_USER')
  return { username: username === '' ? undefined : username, password: value('REDIS_PASSWORD') }
}

test('MediaWiki works with it: it has left keys there, and was refused none', async () => {
  const keys = await asOperator<string[]>('KEYS', '*')
  for (const database of ['vic', 'vic_content']) {
    expect(keys.filter((key) => key.includes(`${database}:`))).not.toEqual([])
  }
  expect(keys.filter((key) => key.startsWith('global:') || key.startsWith('WANCache:global:'))).toEqual([])
  expect(JSON.stringify(await asOperator('ACL', 'LOG'))).toBe('[]')
})

test('with what a wiki’s pubwiki.ini says, only its own keys are reached', async () => {
  const vic = await loginOf('vic')
  expect(vic.username).toBe('wiki.vic')
  expect(await readFile(iniOf('vic'), 'utf8')).not.toContain(redis.password)
  await asOperator('SET', 'vic_content:MWSession:5e8f', 'of somebody else')
  await asOperator('SET', 'Wikistead:rate:sign-in:192.0.2.1', '30')
  const attacks = [
    ...['GET vic_content:MWSession:5e8f', 'SET vic_content:MWSession:5e8f mine', 'KEYS *', 'SCAN 0'],
    ...['GET Wikistead:rate:sign-in:192.0.2.1', 'DEL Wikistead:rate:sign-in:192.0.2.1', 'FLUSHALL'],
    ...['SUBSCRIBE wikistead:tasks', 'PUBLISH wikistead:tasks ["x","y"]', 'CONFIG GET *', 'ACL LIST'],
  ]
  for (const [index, answer] of (await ask(vic, ...attacks.map((line) => line.split(' ')))).entries()) {
    expect(answer, attacks[index]).toEqual(expect.stringContaining('NOPERM'))
  }
  expect(await ask(vic, ['SET', 'vic:own', '1'], ['GET', 'vic:own'])).toEqual(['OK', '1'])
  // Nor is it the password of anybody else.
  expect(await ask({ password: vic.password }, ['PING'])).toEqual([expect.stringContaining('WRONGPASS')])
})

test('what fails leaves no user behind', async () => {
  await world.scripts.fail('eve', 'installPreConfigured', 126)
  expect(await world.ended(await world.create('eve'))).toMatchObject({ status: 'failed' })
  expect(await users()).toEqual(['wiki.vic', 'wiki.vic_content'])
})

test('a Redis that has forgotten its users gets them again, and a wiki of an earlier release one of its own', async () => {
  const vic = await loginOf('vic')
  const ini = await readFile(iniOf('vic-content'), 'utf8')
  await writeFile(
    iniOf('vic-content'),
    ini
      .replace(/^REDIS_USER=.*$/m, '')
      .replace(/^REDIS_PASSWORD=.*$/m, () => `REDIS_PASSWORD="${redis.password}"`),
  )
  await redis.kill()
  await redis.start()
  await eventually(async () => {
    expect(await ask(vic, ['SET', 'vic:own', '1'])).toEqual(['OK'])
    const content = await loginOf('vic-content')
    expect(content.username).toBe('wiki.vic_content')
    expect(await ask(content, ['SET', 'vic_content:own', '1'])).toEqual(['OK'])
  })
  expect(await readFile(iniOf('vic-content'), 'utf8')).not.toContain(redis.password)
})

test('a wiki that is removed takes its user along', async () => {
  const wiki = await world.stack.store.wikis.byClaim('mediawiki', 'vic')
  const taskId = await world.ask('DELETE', `/v1/wikis/${String(wiki?.wiki_id)}`)
  expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
  expect(await users()).toEqual(['wiki.vic_content'])
})
