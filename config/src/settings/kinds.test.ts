import { expect, test } from 'vitest'
import { file, home, load, problemsOf } from '../../test/loading.ts'

test('a bare boolean flag is true', () => {
  const flags = { fedwikiSyncEnabled: true, fedwikiSyncDefaultUserId: '1' }
  expect(load({ flags }).fedwikiSyncEnabled).toBe(true)
})

test('numbers and lists may be written as YAML or as text', () => {
  const typed = load({ file: file('port: 9000\nfedwiki-dns-servers: [192.0.2.1, "[2001:db8::1]:5353"]') })
  const text = load({ flags: { port: '9000', fedwikiDnsServers: ' 192.0.2.1 , [2001:db8::1]:5353' } })
  expect(typed).toEqual(text)
  expect(text.fedwikiDnsServers).toEqual(['192.0.2.1', '[2001:db8::1]:5353'])
})

test('Redis has one form, however it was written', () => {
  const redis = (given: string) => load({ env: { ...home, REDIS_SERVER: given } }).redisServer
  expect(['cache', 'cache:7000', 'rediss://cache', '/run/redis.sock'].map(redis)).toEqual([
    'redis://cache',
    'redis://cache:7000',
    'rediss://cache',
    'unix:///run/redis.sock',
  ])
})

test.each([
  [
    'host',
    ['127.0.0.1', '127.1.2.3', '::1', 'localhost'],
    ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', '', 'http://127.0.0.1', '127.0.0.1:80', '[::1]'],
  ],
  [
    'oidc-scopes',
    ['openid', 'openid profile email', 'profile openid offline_access', 'openid https://x/api.read'],
    ['', 'profile', 'openid,profile', 'openid  profile', ' openid', 'openid "x"', 'OpenID'],
  ],
  [
    'public-url',
    ['https://wikis.example.org', 'http://127.0.0.1:8410', 'https://wikis.example.org/'],
    ['wikis.example.org', 'https://wikis.example.org/app', 'https://u:p@x.example', 'https://x.example?y'],
  ],
  [
    'fedwiki-parent-domain',
    ['wiki.example.org'],
    ['Wiki.example.org', 'localhost', 'wiki.example.org.', '127.0.0.1', '../x'],
  ],
  [
    'temporal-address',
    ['127.0.0.1:7233', '[::1]:7233', 'ns.acct.tmprl.cloud:7233'],
    ['localhost', 'localhost:0', 'localhost:65536', 'http://a:1'],
  ],
  [
    'redis-server',
    ['cache', 'cache:6379', '[::1]:6379', 'redis://me@cache:6379/2', 'rediss://cache', '/run/redis.sock'],
    ['http://cache', 'cache:99999', 'a b', 'redis://cache/x', ':6379'],
  ],
  [
    'fedwiki-site-url',
    ['http://{domain}:8420', 'https://{domain}', 'http://{domain}:{port}'],
    ['http://example.org', '{domain}', 'https://{domain}/x', 'ftp://{domain}'],
  ],
  [
    'fedwiki-farm-url',
    ['http://127.0.0.1:8420', 'https://farm.example.org/base'],
    ['farm.example.org', 'https://me:pw@farm', 'https://farm?x=1', 'ftp://farm'],
  ],
  [
    'support-url',
    ['https://help.example.org/?q=1#top', 'mailto:help@example.org'],
    ['javascript:alert(1)', 'help', 'ftp://x'],
  ],
  ['fedwiki-undo-window', ['0', '7d', '1h'], ['7', '400d', 'never', '-1d']],
  ['fedwiki-farm-timeout', ['30s', '1m'], ['0', '61s', '30']],
  ['fedwiki-sync-default-user-id', ['1', '9007199254740991'], ['0', '-1', '1.5', 'ada', '9007199254740993']],
  ['fedwiki-custom-domains', ['false', 'no', 'off', '0'], ['maybe', '2']],
  [
    'fedwiki-dns-servers',
    ['1.1.1.1', '1.1.1.1:53,::1', '[::1]:53'],
    ['dns.example.org', '1.1.1.1:0', '1.1.1.1,x'],
  ],
  [
    'fedwiki-allowed-networks',
    ['10.1.0.0/16', '127.0.0.2,fd00:1::/32', '::1', '0.0.0.0/0', ''],
    ['10.1', '10.1.0.0/33', 'fd00::/129', '10.1.0.0/', 'fe80::1%eth0', 'wiki.internal', '10.0.0.0/8,x'],
  ],
  ['fedwiki-reserved-names', ['a,b', ''], ['A', 'a.b', '-a']],
] as const)('%s takes %j and refuses %j', (name, legal, illegal) => {
  const rest = name === 'fedwiki-farm-url' ? { fedwikiParentDomain: 'wiki.example.org' } : {}
  for (const value of legal) expect(problemsOf({ flags: { ...rest, [name]: value } }), value).toEqual([])
  for (const value of illegal)
    expect(problemsOf({ flags: { ...rest, [name]: value } }), value).toHaveLength(1)
})
