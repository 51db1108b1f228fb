/**
 * Every setting there is: its name, what is legal, its default and its meaning. Flags, environment variables,
 * the keys of the file, the typed `Config` and `docs/configuration.md` are all derived from this one schema.
 */
import { z } from 'zod'
import { about } from './about.ts'
import { accountSettings } from './account-settings.ts'
import * as kinds from './kinds.ts'
import { rateLimitSettings } from './rate-limit-settings.ts'
import { retentionSettings } from './retention-settings.ts'
import { mailSettings } from './mail-settings.ts'
import { mediaWikiSettings } from './mediawiki-settings.ts'
import { signInSettings } from './sign-in-settings.ts'
import { temporalSettings } from './temporal-settings.ts'

export const Settings = z.object({
  'data-folder': kinds.path.optional().register(about, {
    type: 'path',
    default: '`wikistead` in `$XDG_DATA_HOME`, else in `~/.local/share`',
    meaning: 'holds whatever the embedded default keeps: store, Temporal, farm, logs',
  }),
  host: kinds.listenHost.prefault('127.0.0.1').register(about, {
    type: 'host',
    meaning:
      'where the API listens; this machine only, unless members sign in, at a provider or by accounts of this farm',
  }),
  port: kinds.port.prefault(8410).register(about, {
    type: 'port',
    meaning: 'where the API listens; 0 takes any free port',
  }),
  console: kinds.yesOrNo.prefault(true).register(about, {
    type: 'boolean',
    meaning: 'the API also serves the web console',
  }),
  'trusted-proxies': kinds.list(kinds.network).prefault([]).register(about, {
    type: 'list',
    default: 'none',
    meaning:
      'proxies of yours before the API, as addresses or networks (`127.0.0.1, 10.0.0.0/8`): what they say in X-Forwarded-For is the address that visitors are counted by',
  }),
  'api-metrics-port': kinds.port.optional().register(about, {
    type: 'port',
    default: 'none',
    meaning:
      'where the API or `start` tells its metrics to whoever asks, on this machine only; at `/metrics` of the API it takes an operator’s token',
  }),
  'worker-metrics-port': kinds.port.optional().register(about, {
    type: 'port',
    default: 'none',
    meaning:
      'where a worker that runs apart tells its metrics, on this machine only; `start` tells them with the API',
  }),
  ...signInSettings,
  ...accountSettings,
  ...mailSettings,
  'log-level': z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'one of fatal, error, warn, info, debug, trace, silent',
    })
    .prefault('info')
    .register(about, { type: 'level', meaning: 'how much is logged' }),
  'support-url': kinds.linkUrl.optional().register(about, {
    type: 'url',
    meaning: 'where people get help; stands beside every error that they see',
  }),
  'security-contact': kinds.linkUrl.optional().register(about, {
    type: 'url',
    default: 'none',
    meaning:
      'where whoever found a hole tells of it, e.g. `mailto:security@example.org`; stands in `/.well-known/security.txt`',
  }),
  'create-wait': kinds.duration('0', '5m').prefault('30s').register(about, {
    type: 'duration',
    meaning: 'how long a request to create or delete a site waits for the end; then it answers 202',
  }),
  'longest-queue': kinds.wholeNumber(1).prefault(500).register(about, {
    type: 'number',
    meaning:
      'how many tasks may wait for their turn on one host, or on the FedWiki farm, before others of their kind are told to come again later',
  }),
  'store-url': kinds.storeUrl.optional().register(about, {
    type: 'store',
    default: '`sqlite:` and `wikistead.sqlite` in the data folder',
    meaning:
      '`sqlite:PATH`, or `mariadb://user:password@host:port/database`, or with `?socket=PATH` at its end',
  }),
  'store-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    secret: true,
    meaning: "the MariaDB user's password; goes before the one in `store-url`",
  }),
  'store-tls': kinds.yesOrNo.optional().register(about, {
    type: 'boolean',
    default: 'true with `store-ca-file`, else false',
    meaning: 'MariaDB is asked over TLS; its certificate must be for the host in `store-url`',
  }),
  'store-ca-file': kinds.path.optional().register(about, {
    type: 'path',
    default: 'the public authorities',
    meaning: "a PEM file with the certificate of the authority that signed MariaDB's",
  }),
  'store-pool-size': kinds.wholeNumber(1, 1_000).optional().register(about, {
    type: 'number',
    default: '4 for an API, 6 for a worker, 2 for a host, 10 for `start`',
    meaning: 'connections to MariaDB that a process has at most; those that nobody needs are closed',
  }),
  'audit-key': kinds.secrets(32).optional().register(about, {
    type: 'secret',
    secret: true,
    default: 'none',
    meaning:
      'what workers make the audit log’s seals with: a secret that the database does not hold, the same for all workers; older ones after it, with blanks between',
  }),
  ...temporalSettings,
  'mariadb-user': kinds.text.prefault('wikistead-mariadb').register(about, {
    type: 'name',
    meaning:
      'whom the MariaDB of a demo runs as where the demo is root; `wikistead-mariadb` is made when it is missing',
  }),
  'redis-server': kinds.redisServer.optional().register(about, {
    type: 'host:port',
    env: 'REDIS_SERVER',
    meaning:
      'Redis 6 or later for live events; also a `redis://` or `rediss://` address or the path of a socket; without it the store is asked',
  }),
  'redis-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    env: 'REDIS_PASSWORD',
    secret: true,
    meaning: "Redis' password",
  }),
  'redis-ca-file': kinds.path.optional().register(about, {
    type: 'path',
    env: 'REDIS_CA_FILE',
    default: 'the public authorities',
    meaning: "for a `rediss://` address: a PEM file with the certificate of the authority that signed Redis'",
  }),
  'fedwiki-parent-domain': kinds.domain.optional().register(about, {
    type: 'domain',
    default: '`wiki.localhost` for the embedded farm',
    meaning: 'sites are made one label below it',
  }),
  'fedwiki-site-limit': kinds.wholeNumber(0).prefault(5).register(about, {
    type: 'number',
    meaning: 'how many sites a user may have, unless the user has a limit of their own',
  }),
  'fedwiki-reserved-names': kinds.list(kinds.domainLabel).prefault([]).register(about, {
    type: 'list',
    meaning: 'names below the parent domain that nobody gets, beside the built-in ones',
  }),
  'fedwiki-undo-window': kinds.duration('0', '365d').prefault('7d').register(about, {
    type: 'duration',
    meaning: 'how long a deleted site can be restored; 0 removes it at once',
  }),
  'fedwiki-site-url': kinds.siteUrl.optional().register(about, {
    type: 'url',
    default: '`http://{domain}:{port}` for the embedded farm, else `https://{domain}`',
    meaning: 'how a site is reached; `{port}` is the port of the embedded farm',
  }),
  'fedwiki-farm-url': kinds.httpUrl.optional().register(about, {
    type: 'url',
    meaning: "where the farm's FarmManager API answers",
  }),
  'fedwiki-admin-host': kinds.domain.optional().register(about, {
    type: 'domain',
    default: 'the host of `fedwiki-farm-url` if it is a domain, else `admin.` before the parent domain',
    meaning: "the host name under which FarmManager's API is asked; never a site",
  }),
  'fedwiki-admin-token': kinds.secret(16).optional().register(about, {
    type: 'secret',
    secret: true,
    rotates: true,
    meaning: "the farm's Bearer token; the embedded farm makes its own",
  }),
  'fedwiki-farm-timeout': kinds.duration('100ms', '1m').prefault('30s').register(about, {
    type: 'duration',
    meaning: 'how long one request to the farm may take',
  }),
  'fedwiki-creations': kinds.wholeNumber(1).prefault(4).register(about, {
    type: 'number',
    meaning: 'how many sites the farm is asked to make at once; those who come later wait for their turn',
  }),
  'fedwiki-embedded-farm': kinds.yesOrNo.prefault(true).register(about, {
    type: 'boolean',
    meaning: '`start` brings up a farm of its own when `fedwiki-farm-url` is not set',
  }),
  'fedwiki-farm-port': kinds.port.prefault(8420).register(about, {
    type: 'port',
    meaning: 'where the embedded farm listens; 0 takes any free port',
  }),
  'fedwiki-farm-user': kinds.text.prefault('wikistead-farm').register(about, {
    type: 'name',
    meaning:
      'whom the embedded farm runs as where `start` is root; `wikistead-farm` is made when it is missing',
  }),
  'fedwiki-allowed-networks': kinds.list(kinds.network).prefault([]).register(about, {
    type: 'list',
    meaning:
      'the networks that visitors may have the embedded farm ask for pages, beside the public Internet and its own sites; a farm of a private network names that of its neighbours',
  }),
  'fedwiki-custom-domains': kinds.yesOrNo.prefault(false).register(about, {
    type: 'boolean',
    meaning: 'members may bring domains of their own, proven by a DNS TXT record',
  }),
  'fedwiki-custom-domain-secret': kinds.secret(16).optional().register(about, {
    type: 'secret',
    secret: true,
    meaning: 'what the TXT records are derived from; needed for custom domains',
  }),
  'fedwiki-dns-servers': kinds.list(kinds.dnsServer).prefault([]).register(about, {
    type: 'list',
    default: "the system's",
    meaning: 'the DNS servers that are asked for TXT records',
  }),
  'fedwiki-sync-enabled': kinds.yesOrNo.optional().register(about, {
    type: 'boolean',
    default: 'as an operator has it; none until they make one',
    meaning:
      'the farm is compared with the store on a schedule; false removes the schedule at each start, also one that an operator made',
  }),
  'fedwiki-sync-interval': kinds.duration('1s', '365d').prefault('1h').register(about, {
    type: 'duration',
    meaning: 'from one sync to the next',
  }),
  'fedwiki-sync-default-user-id': kinds.wholeNumber(1).optional().register(about, {
    type: 'number',
    meaning: 'the user who gets sites that nobody else owns; needed for the schedule',
  }),
  'fedwiki-sync-trigger-immediately': kinds.yesOrNo.prefault(true).register(about, {
    type: 'boolean',
    meaning: 'one sync at every start as well, unless an operator has paused the schedule',
  }),
  ...mediaWikiSettings,
  ...rateLimitSettings,
  ...retentionSettings,
})
