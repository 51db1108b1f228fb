/** The real MediaWiki with a user of Redis of its own: it keeps sessions and caches there, and asks for nothing more. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRedisServer, type RedisServer } from '@wikistead/live/test/redis-server'
import { hostOf, startTestSite, type TestSite } from '@wikistead/mediawiki-template/test/test-site'
import type { TestWiki } from '@wikistead/mediawiki-template/test/test-farm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyBeginnings } from '../redis/redis-keys.ts'
import { ownRedisLogin } from '../redis/redis-login.ts'
import { setRedisUsers } from '../redis/redis-user.ts'
import { redisValues } from '../ini/pubwiki-values.ts'

const started = new AsyncDisposableStack()
const password = 'of-the-wiki'
let redis: RedisServer
let site: TestSite

beforeAll(async () => {
  redis = started.use(await startRedisServer())
  site = started.use(await startTestSite())
})
afterAll(() => started.disposeAsync())

const server = () => ({ url: `redis://${redis.server}`, password: redis.password })

async function signsIn(wiki: TestWiki): Promise<void> {
  const { database } = wiki
  await setRedisUsers(server(), [{ database, password }])
  const said = Object.entries(redisValues(ownRedisLogin(server(), database, password)))
  await wiki.configure(Object.fromEntries(said.map(([key, value]) => [key, String(value)])))
}
/** What Redis refused. */
const refused = async () => JSON.stringify(await redis.ask('ACL', 'LOG'))

const counting = `<?php
class CountTries extends Maintenance {
  public function execute() {
    $cache = MediaWiki\\MediaWikiServices::getInstance()->getObjectCacheFactory()->getInstance( 'redis' );
    $local = $cache->makeKey( 'tries' );
    $global = $cache->makeGlobalKey( 'tries', 'a:b%c' );
    $this->output( json_encode( [
      get_class( $cache ), $local, $global,
      $cache->incrWithInit( $local, 60 ), $cache->incrWithInit( $local, 60 ), $cache->get( $local ),
      $cache->incrWithInit( $global, 60, 5, 100 ), $cache->incrWithInit( $global, 60, 5, 100 ), $cache->get( $global ),
      $cache->incrWithInit( $cache->makeKey( 'for-ever' ), 0 ),
    ] ) . "\\n" );
  }
}
return CountTries::class;
`

test('nothing that MediaWiki does is refused, and no key is anybody else’s', async () => {
  const wiki = await site.openWiki('cached')
  const { database } = wiki
  await signsIn(wiki)
  const host = hostOf('cached')

  await wiki.maintenance('createAndPromote', '--sysop', 'Ada', 'a long password')
  const ada = site.visitor()
  // Which counts tries, of which some are wrong.
  for (const [secret, status] of [
    ['another password', 'FAIL'],
    ['a long password', 'PASS'],
  ] as const) {
    expect(await ada.signIn(host, 'Ada', secret)).toMatchObject({ clientlogin: { status } })
  }
  expect(await ada.edit(host, 'Cached', 'The platypus is here.')).toMatchObject({
    edit: { result: 'Success' },
  })
  expect((await ada.get(host, '/wiki/Cached')).text).toContain('The platypus is here.')
  const whoAmI = { action: 'query', meta: 'userinfo', uiprop: 'ratelimits|options' }
  expect(await ada.api(host, whoAmI)).toMatchObject({ query: { userinfo: { name: 'Ada' } } })
  const bea = site.visitor()
  await bea.signUp(host, 'Bea', 'a long password')
  // Whose edits are counted.
  expect(await bea.edit(host, 'Counted', 'Once.')).toMatchObject({ edit: { result: 'Success' } })
  expect((await bea.get(host, '/load.php?modules=startup&only=scripts')).status).toBe(200)
  await wiki.maintenance('runJobs')

  const keys = await redis.ask<string[]>('KEYS', '*')
  const sessions = keys.filter((key) => key.startsWith(`${database}:MWSession:`))
  expect(sessions.length).toBeGreaterThanOrEqual(2)
  expect(keys.filter((key) => key.startsWith(`${database}:global:`))).not.toEqual([])
  expect(keys.filter((key) => !keyBeginnings(database).some((start) => key.startsWith(start)))).toEqual([])
  expect(await refused()).toBe('[]')
})

test('tries are counted, and end with their time, without a script', async () => {
  const wiki = await site.openWiki('counting')
  const { database } = wiki
  await signsIn(wiki)
  const script = join(wiki.folder, 'count.php')
  await writeFile(script, counting)
  const { stdout } = await wiki.maintenance(script)
  const [line = ''] = stdout.split('\n').filter((each) => each.startsWith('['))
  expect(JSON.parse(line)).toEqual([
    ...['WikisteadWikiCache', `${database}:tries`, `${database}:global:tries:a%3Ab%25c`],
    ...[1, 2, 2, 100, 105, 105, 1],
  ])
  expect(await redis.ask('TTL', `${database}:tries`)).toBeGreaterThan(0)
  expect(await redis.ask('TTL', `${database}:for-ever`)).toBe(-1)
})
