import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { file, folder, home, load, problemsOf } from '../../test/loading.ts'
import { ConfigProblems } from './config-problems.ts'
import { settings } from '../settings/settings.ts'

const day = 86_400_000

test('with nothing given, everything has its default', () => {
  expect(load()).toEqual({
    dataFolder: '/home/ada/.local/share/wikistead',
    console: true,
    accounts: true,
    rateLimits: true,
    accountsSignUp: { by: 'invitation' },
    ...{ rateLimitUser: 600, rateLimitAddress: 300, rateLimitCostly: 30 },
    tokensUser: 100,
    ...{ streamsUser: 100, streamsProcess: 2_000 },
    ...{ keepTaskOutput: 30 * day, keepTasks: 365 * day, keepSyncs: 30 * day, keepAlarms: 90 * day },
    ...{ keepTransfers: 365 * day, keepTombstones: 365 * day, keepIdempotencyKeys: 7 * day },
    host: '127.0.0.1',
    oidcAdminSubjects: [],
    ...{ signInFreshFor: 900_000, operatorSessionIdle: 7_200_000, operatorSessionLife: 43_200_000 },
    oidcScopes: 'openid profile',
    port: 8410,
    logLevel: 'info',
    createWait: 30_000,
    trustedProxies: [],
    storeUrl: { engine: 'sqlite', filename: '/home/ada/.local/share/wikistead/wikistead.sqlite' },
    longestQueue: 500,
    temporalPort: 8433,
    temporalUser: 'wikistead-temporal',
    mariadbUser: 'wikistead-mariadb',
    fedwikiFarmUser: 'wikistead-farm',
    fedwikiParentDomain: 'wiki.localhost',
    fedwikiAdminHost: 'admin.wiki.localhost',
    fedwikiSiteUrl: 'http://{domain}:{port}',
    fedwikiSiteLimit: 5,
    fedwikiReservedNames: [],
    fedwikiUndoWindow: 7 * 24 * 3_600_000,
    fedwikiFarmTimeout: 30_000,
    fedwikiCreations: 4,
    fedwikiEmbeddedFarm: true,
    fedwikiFarmPort: 8420,
    fedwikiAllowedNetworks: [],
    fedwikiCustomDomains: false,
    fedwikiDnsServers: [],
    fedwikiSyncEnabled: undefined,
    fedwikiSyncInterval: 3_600_000,
    fedwikiSyncTriggerImmediately: true,
    wikifarmPhpUser: 'www-data',
    wikifarmRunner: 'docker',
    wikifarmSearch: 'core',
    wikifarmServiceKeyId: '1',
    wikifarmInstall: 'run',
    dockerSocket: '/var/run/docker.sock',
    mediawikiPhasePatience: 900_000,
    mediawikiWikiLimit: 5,
    mediawikiUndoWindow: 7 * 24 * 3_600_000,
  })
})

test("the seed's YAML is taken as it stands", () => {
  const config = load({
    file: file(`
fedwiki-sync-enabled: true
fedwiki-sync-interval: 1h           # Sync interval (default: 1 hour)
fedwiki-sync-default-user-id: 1     # User ID for orphaned sites
fedwiki-sync-trigger-immediately: true  # Run sync on startup
`),
  })
  expect(config).toMatchObject({
    fedwikiSyncEnabled: true,
    fedwikiSyncInterval: 3_600_000,
    fedwikiSyncDefaultUserId: 1,
    fedwikiSyncTriggerImmediately: true,
  })
})

test('every problem is listed at once, with its source and what was given', () => {
  const path = file('fedwiki-site-limit: many\n\nfedwiki-sync-enabled: true\nlog-level: loud\n')
  const problems = problemsOf({
    flags: { port: '70000', host: '0.0.0.0:80', fedwikiSyncIntervall: '1h' },
    env: { ...home, WIKISTEAD_CREATE_WAIT: '30', REDIS_SERVER: 'redis://:pw@cache' },
    file: path,
  })
  expect(problems).toEqual([
    'fedwiki-sync-intervall (--fedwiki-sync-intervall): no such setting; did you mean fedwiki-sync-interval?',
    'host (--host=0.0.0.0:80): an IP address or a host name, without a port: 127.0.0.1, ::1, 0.0.0.0',
    'port (--port=70000): a whole number, 0 to 65535',
    `log-level (${path} line 4: loud): one of fatal, error, warn, info, debug, trace, silent`,
    'create-wait (WIKISTEAD_CREATE_WAIT=30): a number with its unit: ms, s, m, h or d, like 30m',
    'redis-server (REDIS_SERVER=redis://:[secret]@cache): the password goes into redis-password',
    `fedwiki-site-limit (${path} line 1: many): a whole number from 0`,
    'fedwiki-sync-default-user-id: missing, and fedwiki-sync-enabled is on: name the user who gets sites that nobody else owns',
  ])
})

describe('secrets', () => {
  const path = () => file('hunter2hunter2hunter2\n')

  test('may come from files of their own, named in any source', () => {
    const secretFile = path()
    for (const config of [
      load({ flags: { redisPasswordFile: secretFile } }),
      load({ env: { ...home, REDIS_PASSWORD_FILE: secretFile } }),
      load({ file: file(`redis-password-file: ${secretFile.replace(`${folder}/`, '')}`) }),
    ]) {
      expect(config.redisPassword?.reveal()).toBe('hunter2hunter2hunter2')
    }
  })

  test('are shown nowhere, neither in a configuration nor in its problems', () => {
    const env = {
      ...{ ...home, REDIS_PASSWORD: 'hunter2', WIKISTEAD_FEDWIKI_ADMIN_TOKEN: 'hunter2hunter2hunter2' },
      WIKISTEAD_STORE_URL: 'mariadb://wiki:hunter2@localhost/farm',
    }
    const config = load({ env })
    expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain('hunter2')
    const problems = problemsOf({
      env: {
        ...{ ...env, WIKISTEAD_FEDWIKI_ADMIN_TOKEN: 'hunter2' },
        WIKISTEAD_STORE_URL: 'mariadb://wiki:hunter2@ho/st@localhost',
      },
      file: file('fedwiki-custom-domain-secret: [hunter2]\nsupport-url: ftp://me:hunter2@example.org'),
    })
    expect(problems).toHaveLength(4)
    expect(problems.join()).not.toContain('hunter2')
  })

  test('that stand in both places of one source are a problem', () => {
    const env = { ...home, REDIS_PASSWORD: 'a', REDIS_PASSWORD_FILE: path() }
    expect(problemsOf({ env })[0]).toMatch(/keep one of the two/)
  })

  test('in a missing, empty or unreadable file are a problem', () => {
    const problems = ['/nowhere', folder, file('')].map(
      (at) => problemsOf({ flags: { redisPasswordFile: at } })[0],
    )
    expect(problems).toEqual([
      'redis-password (--redis-password-file=/nowhere): that file cannot be read: ENOENT',
      `redis-password (--redis-password-file=${folder}): that file cannot be read: EISDIR`,
      expect.stringMatching(/it is empty/),
    ])
  })

  test('are what is written, where YAML sees a number, a truth or nothing', () => {
    for (const written of ['0123', '1e3', 'yes', 'null', '~', '248289761001248289761']) {
      expect(load({ file: file(`redis-password: ${written}\n`) }).redisPassword?.reveal()).toBe(written)
    }
    expect(problemsOf({ file: file('redis-password: [0123]\n') })[0]).toMatch(
      /\[secret\]\): one text, no list/,
    )
  })

  test("the store's password goes before the one in its address", () => {
    const storeUrl = 'mariadb://wiki:old@localhost/farm'
    const env = { ...home, WIKISTEAD_STORE_URL: storeUrl, WIKISTEAD_STORE_PASSWORD: 'new' }
    const { storeUrl: store } = load({ env })
    expect(store.engine === 'mariadb' && store.password?.reveal()).toBe('new')
  })
})

describe('paths', () => {
  test.each(['/srv/a\nb', '/srv/a\rb', '/srv/a\tb', '/srv/a\u007Fb'])('%j is refused', (folder) => {
    for (const name of ['data-folder', 'wikifarm-dir', 'wikifarm-template', 'temporal-cli'] as const) {
      expect(() => load({ flags: { [name]: folder } })).toThrow('a line break or another control character')
    }
  })

  test('start from the current folder in flags and environment, from its own folder in the file', () => {
    const cwd = '/srv/here'
    expect(load({ cwd, flags: { dataFolder: 'data' } }).dataFolder).toBe('/srv/here/data')
    expect(load({ cwd, env: { WIKISTEAD_DATA_FOLDER: '../data' } }).dataFolder).toBe('/srv/data')
    expect(load({ cwd, file: file('data-folder: data') }).dataFolder).toBe(join(folder, 'data'))
    expect(load({ cwd, file: file('store-url: sqlite:a.sqlite') }).storeUrl).toEqual({
      engine: 'sqlite',
      filename: join(folder, 'a.sqlite'),
    })
  })

  test('may start with ~/', () => {
    expect(load({ flags: { temporalCli: '~/go/bin/temporal' } }).temporalCli).toBe(
      '/home/ada/go/bin/temporal',
    )
  })

  test('of the data folder follow XDG_DATA_HOME if it is absolute', () => {
    const dataFolder = (data: string) => load({ env: { ...home, XDG_DATA_HOME: data } }).dataFolder
    expect([dataFolder('/data'), dataFolder('data')]).toEqual([
      '/data/wikistead',
      '/home/ada/.local/share/wikistead',
    ])
  })

  test('cannot be guessed without a home', () => {
    expect(problemsOf({ env: {} })).toEqual(['data-folder: HOME is not set, so name a folder'])
  })
})

test('a configuration cannot be changed', () => {
  const config = load({ flags: { fedwikiReservedNames: 'a' } })
  for (const value of [config, config.storeUrl, config.fedwikiReservedNames])
    expect(Object.isFrozen(value)).toBe(true)
})

test('whatever is given, it is a configuration or a list of problems', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()), fc.anything())
  fc.assert(
    fc.property(fc.constantFrom(...settings.map(({ name }) => name)), value, (name, given) => {
      for (const line of problemsOf({ flags: { [name]: given } }))
        expect(line).toMatch(/^[\w-]+( \(.*\))?: .+/)
    }),
    { numRuns: 1_000 },
  )
})

test('the MediaWiki engine says all that it lacks once it is switched on, by runner and search', () => {
  const lacks = (env: Record<string, string>) => {
    try {
      load({ env: { HOME: '/home/ada', WIKIFARM_DIR: '/srv/wikis', ...env } })
      return []
    } catch (error) {
      if (!(error instanceof ConfigProblems)) throw error
      return error.problems.map(({ setting }) => setting)
    }
  }
  const always = ['wikifarm-oauth-dir', 'wikifarm-template', 'wiki-root-host', 'wiki-db-host']
  const admin = ['wiki-db-admin-user', 'wiki-db-admin-password']
  expect(lacks({ WIKIFARM_RUNNER: 'host' })).toEqual([...always, ...admin])
  expect(lacks({})).toEqual([...always, ...admin, 'wikifarm-instance'])
  expect(lacks({ PORTAINER_ENDPOINT: 'https://p.example.org', WIKIFARM_SEARCH: 'cirrus' })).toEqual([
    ...always,
    ...admin,
    ...['wikifarm-instance', 'portainer-key', 'opensearch-endpoint'],
  ])
})
