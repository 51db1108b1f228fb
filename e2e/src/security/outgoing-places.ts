/** Every place of ours that opens a connection: who chooses its address, and what holds it. */

/** From who cannot be steered at all to who can be by anybody. */
type Chooser = 'nobody' | 'operator' | 'own page' | 'PHP user' | 'member' | 'visitor'

export interface OutgoingPlace {
  /** Whose word the address is, when the connection is made. */
  readonly chooses: Chooser
  /** What holds it to where it may go. */
  readonly held: string
}

const configured = (setting: string): OutgoingPlace => ({ chooses: 'operator', held: setting })
const loopback = (what: string): OutgoingPlace => ({
  chooses: 'nobody',
  held: `127.0.0.1, at the port of ${what}`,
})
const samePage: OutgoingPlace = {
  chooses: 'own page',
  held: 'in a browser, at the address that the page came from',
}

export const outgoingPlaces: Readonly<Record<string, OutgoingPlace>> = {
  'api/src/access/rate-counter.ts': configured('redis-server'),
  'api/src/sign-in/client-authentication.ts': configured('oidc-issuer, as provider.ts asks it'),
  'api/src/sign-in/provider.ts': configured(
    'oidc-issuer; what it says of itself is followed to no other address by a redirect, and over TLS only if it has TLS',
  ),
  'api/src/sign-in/logout-token.ts': configured(
    'oidc-issuer, which says where its keys are; no redirect is followed',
  ),
  'cli/src/api-client.ts': configured('whoever types the command: --url; no redirect is followed'),
  'cli/src/demo/ask.ts': loopback('the demo that this process has started'),
  'console/src/http.ts': samePage,
  'console/src/operate/operate-api.ts': samePage,
  'extension/resources/src/extension-api.ts': samePage,
  'extension/src/ServiceClient.php': configured('$wgWikiFarmServiceURL; no redirect is followed'),
  'fedwiki-farm/src/farm-elsewhere.ts': configured('fedwiki-farm-url'),
  'fedwiki-farm/src/farm-request.ts': configured(
    'fedwiki-farm-url, or the embedded farm; a site is named in the Host header only',
  ),
  'fedwiki-farm/src/guard.ts': configured(
    'fedwiki-farm-url, or the embedded farm; a visitor names a site in the Host header only',
  ),
  'fedwiki/src/site/custom-domain-proof.ts': {
    chooses: 'member',
    held: 'the member names what is asked about, fedwiki-dns-servers (or the system) who is asked: by UDP or TCP at those only, for one TXT record, within five seconds',
  },
  'fedwiki/src/farm/farm-connection.ts': configured(
    'fedwiki-farm-url, or the embedded farm; a site is named in the path or the Host header only',
  ),
  'live/src/redis-link.ts': configured('redis-server'),
  'mediawiki-template/src/php-by-user.ts': loopback(
    'the PHP that this process has started; a visitor names a wiki in the Host header only',
  ),
  'mediawiki-template/src/php-pool.ts': loopback('the PHP that this process has started'),
  'server/src/parts/mail-sender.ts': configured('smtp-server; a member names only to whom it is to deliver'),
  'mediawiki/src/database/database-server.ts': configured('wiki-db-host'),
  'mediawiki/src/redis/redis-client.ts': configured('redis-server; no wiki’s own pubwiki.ini is asked'),
  'mediawiki/src/runners/docker-runner.ts': configured('docker-socket, docker-host'),
  'mediawiki/src/runners/portainer-runner.ts': configured('portainer-endpoint'),
  'mediawiki/src/search/search-client.ts': configured('opensearch-endpoint; no redirect is followed'),
  'processes/src/download-temporal-cli.ts': {
    chooses: 'nobody',
    held: 'where Temporal’s SDK gets its server',
  },
  'processes/src/rooms/net-relay.ts': loopback(
    'the Temporal that this process has started, in a network of its own',
  ),
  'processes/src/rooms/owners-door.ts': { chooses: 'nobody', held: 'a socket in the data folder' },
  'processes/src/temporal-server.ts': loopback('the Temporal that this process has started'),
  'server/src/doctor/farm-checks.ts': configured('fedwiki-farm-url, or the embedded farm'),
  'server/src/doctor/machine-checks.ts': configured('host and port; no redirect is followed'),
  'server/src/doctor/opensearch-check.ts': configured('opensearch-endpoint; no redirect is followed'),
  'server/src/doctor/own-provider-check.ts': configured(
    'this machine, where the running API said it listens; no redirect is followed',
  ),
  'server/src/doctor/proxy-check.ts': configured('public-url; no redirect is followed'),
  'server/src/machine/embedded-mariadb.ts': { chooses: 'nobody', held: 'a socket in the data folder' },
  'server/src/parts/api-proof.ts': configured(
    'this machine, where an API of this data folder said it listens',
  ),
  'server/src/processes/start.ts': configured('host, whose address is looked up'),
  'server/src/rotation/service-secret.ts': configured(
    'where the APIs that live said they listen, in the store; no redirect is followed',
  ),
  'server/src/temporal/connect-temporal.ts': configured('temporal-address'),
  'server/src/temporal/end-with-connection.ts': configured('temporal-address'),
  'server/src/temporal/door.ts': configured('temporal-address'),
  'store/src/database/mariadb-tls.ts': configured('store-url, wiki-db-host'),
  'store/src/database/mariadb-dialect.ts': configured('store-url'),
  'wiki-security-wikistead/src/outgoing-connections.js': {
    chooses: 'visitor',
    held: 'outgoing-rules.js: resolved once, public addresses and the farm’s own sites only, each redirect judged again',
  },
  'wiki-security-wikistead/src/security.js': {
    chooses: 'operator',
    held: 'the OAuth addresses in the farm’s configuration, each trusted at its port, by outgoing-connections.js',
  },
  'wiki-security-wikistead/src/sign-in-routes.js': {
    chooses: 'operator',
    held: 'the same',
  },
}

const everything = /^/

/** Modules that can open a connection, and the names in them that do. */
export const connecting: Readonly<Record<string, RegExp>> = {
  'node:net': /^(?!isIP|isIPv4$|isIPv6$|createServer$|BlockList$)/,
  'node:http': /^(?!STATUS_CODES$|createServer$)/,
  'node:https': everything,
  'node:http2': everything,
  'node:tls': everything,
  'node:dns': everything,
  'node:dns/promises': everything,
  'node:dgram': everything,
  'node:inspector': everything,
  undici: everything,
  nodemailer: everything,
  '@redis/client': /^(?!ErrorReply$)/,
  '@temporalio/client': /^(?:Connection|CloudOperationsClient)$/,
  '@temporalio/testing': everything,
  '@temporalio/worker': /^NativeConnection$/,
  dockerode: everything,
  mysql2: /^create/,
  'mysql2/promise': everything,
  jose: /^createRemoteJWKSet$/,
  'openid-client': everything,
  'passport-oauth2': everything,
  'wiki-security-passportjs': everything,
}

/** Packages and modules that open none, or only what is handed to them. */
export const harmless: readonly RegExp[] = [
  /^node:(?:async_hooks|buffer|child_process|crypto|events|fs|fs\/promises|module|os|path|perf_hooks|process)$/,
  /^node:(?:readline|readline\/promises|sqlite|stream|stream\/consumers|stream\/promises|timers|timers\/promises|url|util|zlib)$/,
  /^@fastify\/(?:cookie|helmet|rate-limit|send|static|swagger)$/,
  /^(?:fastify|fastify-type-provider-zod|@scalar\/fastify-api-reference|pino|prom-client)$/,
  /^@temporalio\/(?:activity|common|common\/lib\/time\.js|envconfig|workflow)$/,
  /^(?:@wikimedia\/codex|@wikimedia\/codex-icons|banana-i18n|vue|vue-router|vite)(?:\/|$)/,
  // Whatever it would ask for, `api/openid/provider-configuration.ts` refuses.
  /^oidc-provider$/,
  /^(?:@simplewebauthn\/(?:browser|server)|@zxcvbn-ts\/language-common|otpauth)$/,
  /^(?:commander|cli-truncate|string-width|d3-scale|d3-shape|leven|yaml|zod|kysely|uuid|tldts|ipaddr\.js)$/,
  /^(?:eventsource-parser|stream-chain\/core|stream-json\/core\/parser\.js)(?:\/|$)/,
  /^wiki-security-wikistead\/(?:owner-link|request-origin)$/,
]
