import { expect, test } from 'vitest'
import { file, given, home, notesOf } from '../../test/loading.ts'

test('a setting of the MediaWiki engine is told as idle while that is off, from wherever it comes', () => {
  const path = file('wikifarm-search: cirrus\n')
  expect(
    notesOf({
      file: path,
      env: { ...home, WIKIFARM_OAUTH_DIR: '/srv/oauth', WIKI_DB_ADMIN_PASSWORD: 'hunter2' },
    }),
  ).toEqual([
    'wikifarm-oauth-dir (WIKIFARM_OAUTH_DIR): no effect: the MediaWiki engine is off while wikifarm-dir is not set',
    `wikifarm-search (${path} line 1): no effect: the MediaWiki engine is off while wikifarm-dir is not set`,
    'wiki-db-admin-password (WIKI_DB_ADMIN_PASSWORD): no effect: the MediaWiki engine is off while wikifarm-dir is not set',
  ])
})

test.each([
  [
    { fedwikiSiteLimit: '3', fedwikiEmbeddedFarm: 'false' },
    /^fedwiki-site-limit .*the FedWiki engine is off/,
  ],
  [{ fedwikiDnsServers: '192.0.2.1' }, /^fedwiki-dns-servers .*fedwiki-custom-domains is false/],
  [
    { fedwikiFarmPort: '1', fedwikiFarmUrl: 'http://f.example', fedwikiParentDomain: 'w.example' },
    /^fedwiki-farm-port /,
  ],
  [
    {
      ...{ fedwikiAllowedNetworks: '10.1.0.0/16' },
      ...{ fedwikiFarmUrl: 'http://f.example', fedwikiParentDomain: 'w.example' },
    },
    /^fedwiki-allowed-networks .*names another/,
  ],
  [{ temporalCli: '/a', temporalAddress: 'a:1' }, /^temporal-cli .*names another/],
  [{ redisPassword: 'secret' }, /^redis-password \(REDIS_PASSWORD\): no effect: redis-server is not set$/],
  [{ storePassword: 'secret' }, /^store-password .*SQLite/],
])('%j is told as idle', (flags, expected) => {
  const notes = notesOf(given(flags))
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(expected)
})

const engine = {
  ...{ wikifarmDir: '/w', wikifarmOauthDir: '/o', wikifarmTemplate: '/t', wikiRootHost: 'w.example' },
  ...{ wikiDbHost: 'db:3306', wikiDbAdminUser: 'a', wikiDbAdminPassword: 'a' },
}

test('what the runner or the search does not use is told, and nothing while all is used', () => {
  expect(notesOf(given({ ...engine, wikifarmRunner: 'host' }))).toEqual([])
  const more = { wikifarmInstance: 'php', portainerKey: 'a-long-key', opensearchUser: 'a' }
  expect(
    notesOf(given({ ...engine, ...more, wikifarmRunner: 'host' })).map((note) => note.split(' ')[0]),
  ).toEqual(['wikifarm-instance', 'portainer-key', 'opensearch-user'])
})

test('what a command does not use is not told, nor what it gives itself', () => {
  expect(notesOf({ flags: { wikifarmTemplate: '/t' }, uses: [] })).toEqual([])
  expect(notesOf({ defaults: { 'wikifarm-template': '/t', 'redis-password': 'a' } })).toEqual([])
})
