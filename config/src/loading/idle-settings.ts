/** Settings that were given and have no effect, because what they are for is off. */
import type { Values } from '../config.ts'
import { partOf } from '../settings/setting-parts.ts'
import type { SettingName } from '../settings/settings.ts'
import { wikifarmRunnerOf } from '../wikifarm-runner.ts'

interface Idle {
  readonly settings: (name: string) => boolean
  /** In words; undefined while they have an effect. */
  readonly because: (values: Values) => string | undefined
}

const named =
  (...names: readonly SettingName[]) =>
  (name: string): boolean =>
    names.some((each) => each === name)

const idle: readonly Idle[] = [
  {
    settings: (name) =>
      name !== 'wikifarm-dir' && ['mediawiki', 'mediawiki-host', 'hub'].includes(partOf(name) ?? ''),
    because: ({ wikifarmDir }) =>
      wikifarmDir === undefined ? 'the MediaWiki engine is off while wikifarm-dir is not set' : undefined,
  },
  {
    settings: (name) => partOf(name) === 'fedwiki' && name !== 'fedwiki-embedded-farm',
    because: ({ fedwikiFarmUrl, fedwikiEmbeddedFarm }) =>
      fedwikiFarmUrl === undefined && !fedwikiEmbeddedFarm
        ? 'the FedWiki engine is off: there is no fedwiki-farm-url, and fedwiki-embedded-farm is false'
        : undefined,
  },
  {
    settings: named('fedwiki-farm-port', 'fedwiki-farm-user', 'fedwiki-allowed-networks'),
    because: ({ fedwikiFarmUrl }) =>
      fedwikiFarmUrl === undefined
        ? undefined
        : 'it is the embedded farm’s, and fedwiki-farm-url names another',
  },
  {
    settings: named('fedwiki-custom-domain-secret', 'fedwiki-dns-servers'),
    because: ({ fedwikiCustomDomains }) =>
      fedwikiCustomDomains ? undefined : 'fedwiki-custom-domains is false',
  },
  {
    settings: named('portainer-endpoint', 'portainer-key', 'portainer-ca'),
    because: (values) => runnerIsNot('portainer', values),
  },
  {
    settings: named('docker-socket', 'docker-host', 'docker-ca-file', 'docker-cert-file', 'docker-key-file'),
    because: (values) => runnerIsNot('docker', values),
  },
  {
    settings: named('docker-ca-file', 'docker-cert-file', 'docker-key-file'),
    because: ({ dockerHost }) => (dockerHost === undefined ? 'docker-host is not set' : undefined),
  },
  {
    settings: named('redis-ca-file'),
    because: ({ redisServer }) =>
      redisServer?.startsWith('rediss:') === true ? undefined : 'redis-server is no rediss:// address',
  },
  {
    settings: named('opensearch-ca-file'),
    because: ({ opensearchEndpoint }) =>
      opensearchEndpoint?.startsWith('https:') === false
        ? 'opensearch-endpoint is no https:// address'
        : undefined,
  },
  {
    settings: named('wikifarm-instance', 'wikifarm-container-dir', 'wikifarm-container-oauth-dir'),
    because: (values) =>
      wikifarmRunnerOf(values) === 'host' ? 'wikifarm-runner is host, which uses no container' : undefined,
  },
  {
    settings: (name) => name.startsWith('opensearch-'),
    because: ({ wikifarmSearch }) =>
      wikifarmSearch === 'cirrus' ? undefined : `wikifarm-search is ${wikifarmSearch}`,
  },
  {
    settings: named('temporal-cli', 'temporal-user', 'temporal-port'),
    because: ({ temporalAddress }) =>
      temporalAddress === undefined
        ? undefined
        : 'it is for a Temporal of our own, and temporal-address names another',
  },
  {
    settings: named('redis-password'),
    because: ({ redisServer }) => (redisServer === undefined ? 'redis-server is not set' : undefined),
  },
  {
    settings: named('wikifarm-redis-user', 'wikifarm-redis-password'),
    because: ({ redisServer }) => (redisServer === undefined ? 'redis-server is not set' : undefined),
  },
  {
    settings: named('store-password', 'store-pool-size', 'store-tls', 'store-ca-file'),
    because: ({ storeUrl }) =>
      storeUrl?.engine === 'mariadb' ? undefined : 'the store is an SQLite file, which has none',
  },
]

function runnerIsNot(runner: string, values: Values): string | undefined {
  const now = wikifarmRunnerOf(values)
  return now === runner ? undefined : `wikifarm-runner is ${now}`
}

/** Why this setting has no effect; undefined when it has one. */
export function whyIdle(name: string, values: Values): string | undefined {
  for (const { settings, because } of idle) {
    const reason = settings(name) ? because(values) : undefined
    if (reason !== undefined) return reason
  }
  return undefined
}
