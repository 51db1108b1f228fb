/** With `wikifarm-dir` the MediaWiki engine is on; what else it needs follows from the runner and the search. */
import type { Values } from '../config.ts'
import type { Rule } from './rule.ts'
import type { SettingName } from '../settings/settings.ts'
import { wikifarmRunnerOf } from '../wikifarm-runner.ts'

type Needed = readonly [
  name: SettingName,
  read: (values: Values) => unknown,
  when: (values: Values) => boolean,
]

const always = (): boolean => true

const needed: readonly Needed[] = [
  ['wikifarm-oauth-dir', (values) => values.wikifarmOauthDir, always],
  ['wikifarm-template', (values) => values.wikifarmTemplate, always],
  ['wiki-root-host', (values) => values.wikiRootHost, always],
  ['wiki-db-host', (values) => values.wikiDbHost, always],
  ['wiki-db-admin-user', (values) => values.wikiDbAdminUser, always],
  ['wiki-db-admin-password', (values) => values.wikiDbAdminPassword, always],
  ['wikifarm-instance', (values) => values.wikifarmInstance, (values) => wikifarmRunnerOf(values) !== 'host'],
  [
    'portainer-endpoint',
    (values) => values.portainerEndpoint,
    (values) => wikifarmRunnerOf(values) === 'portainer',
  ],
  ['portainer-key', (values) => values.portainerKey, (values) => wikifarmRunnerOf(values) === 'portainer'],
  [
    'opensearch-endpoint',
    (values) => values.opensearchEndpoint,
    (values) => values.wikifarmSearch === 'cirrus',
  ],
]

const missing: readonly Rule[] = needed.map(([setting, read, when]) => ({
  setting,
  reads: ['wikifarm-dir', 'wikifarm-runner', 'wikifarm-search'],
  broken: (values) =>
    values.wikifarmDir !== undefined && when(values) && read(values) === undefined
      ? 'missing, and wikifarm-dir is set: the MediaWiki engine needs it'
      : undefined,
}))

export const mediaWikiRules: readonly Rule[] = [
  ...missing,
  {
    setting: 'wiki-shared-db-name',
    reads: ['wikifarm-service-secret'],
    broken: ({ wikifarmServiceSecret, wikiSharedDbName }) =>
      wikifarmServiceSecret !== undefined && wikiSharedDbName === undefined
        ? 'missing, and wikifarm-service-secret is set: name the hub whose word it is for'
        : undefined,
  },
  {
    setting: 'wikifarm-service-old-key-id',
    reads: ['wikifarm-service-old-secret', 'wikifarm-service-key-id'],
    broken: ({ wikifarmServiceOldSecret: old, wikifarmServiceOldKeyId: id, wikifarmServiceKeyId: now }) => {
      if (old !== undefined && id === undefined) return 'missing, and wikifarm-service-old-secret is set'
      return old !== undefined && id === now
        ? 'wikifarm-service-key-id is the same: give it another'
        : undefined
    },
  },
  {
    setting: 'opensearch-admin-password',
    reads: ['opensearch-admin-user'],
    broken: ({ opensearchAdminUser: user, opensearchAdminPassword: password }) =>
      user !== undefined && password === undefined ? 'missing, and opensearch-admin-user is set' : undefined,
  },
  {
    setting: 'wikifarm-redis-password',
    reads: ['wikifarm-redis-user', 'redis-password'],
    broken: ({ wikifarmRedisUser: user, wikifarmRedisPassword: password, redisPassword: own }) => {
      if (user !== undefined && password === undefined) return 'missing, and wikifarm-redis-user is set'
      return password !== undefined && password.reveal() === own?.reveal()
        ? 'redis-password is the same, and opens everything: give the wikis a user with another'
        : undefined
    },
  },
  {
    setting: 'mediawiki-wiki-url',
    reads: [],
    broken: ({ mediawikiWikiUrl }) =>
      mediawikiWikiUrl?.includes('{port}')
        ? '{port} is the port of the embedded FedWiki farm: write the port itself'
        : undefined,
  },
]
