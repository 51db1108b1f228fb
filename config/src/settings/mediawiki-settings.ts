/**
 * The MediaWiki engine's settings. Their variables have the names that MediaWiki farms know them by: those of a
 * wiki's `pubwiki.ini`, and `WIKIFARM_…` for the farm's own.
 */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const mediaWikiSettings = {
  'wikifarm-dir': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKIFARM_DIR',
    meaning: 'where each wiki has its folder, named by its slug; with it the MediaWiki engine is on',
  }),
  'wikifarm-oauth-dir': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKIFARM_OAUTH_DIR',
    meaning: "where each wiki's OAuth keys are kept, outside of what the web server shows",
  }),
  'wikifarm-template': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKIFARM_TEMPLATE',
    meaning: 'the folder that every new wiki is a copy of; `wikistead template build` makes one',
  }),
  'wikifarm-runner': kinds.oneOf(['docker', 'portainer', 'host']).optional().register(about, {
    type: 'word',
    env: 'WIKIFARM_RUNNER',
    default: '`portainer` with `portainer-endpoint`, else `docker`; in the embedded default `host`',
    meaning: "where MediaWiki's own scripts run: docker, portainer or host",
  }),
  'wikifarm-instance': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKIFARM_INSTANCE',
    meaning: 'the container that the scripts run in; needed unless the runner is the host',
  }),
  'wikifarm-container-dir': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKIFARM_CONTAINER_DIR',
    default: 'the same path as `wikifarm-dir`',
    meaning: 'where that container sees `wikifarm-dir`',
  }),
  'wikifarm-container-oauth-dir': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKIFARM_CONTAINER_OAUTH_DIR',
    default: 'the same path as `wikifarm-oauth-dir`',
    meaning: 'where that container sees `wikifarm-oauth-dir`',
  }),
  'wikifarm-php-user': kinds.text.prefault('www-data').register(about, {
    type: 'name',
    env: 'WIKIFARM_PHP_USER',
    meaning:
      "PHP's user, or `uid:gid` where only the container knows it: a wiki's files and secrets belong to its group",
  }),
  'wikifarm-hub-php-user': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKIFARM_HUB_PHP_USER',
    default: 'as `wikifarm-php-user`, unless wikis have users of their own',
    meaning: "the user of the hub's PHP, which alone reads the secret that the hub signs its requests with",
  }),
  'wikifarm-own-php-users': kinds.wholeNumber(1_000, 3_000_000_000).optional().register(about, {
    type: 'number',
    env: 'WIKIFARM_OWN_PHP_USERS',
    default: 'all wikis have one user',
    meaning:
      "each new wiki's PHP has a user of its own, with this number and the wiki's id added; php-fpm needs a pool for each (`wikistead php pools`)",
  }),
  'wikifarm-search': kinds.oneOf(['cirrus', 'core']).prefault('core').register(about, {
    type: 'word',
    env: 'WIKIFARM_SEARCH',
    meaning: "what finds pages: cirrus (CirrusSearch with OpenSearch) or core (MediaWiki's own index)",
  }),
  'wikifarm-install': kinds.oneOf(['run', 'clone']).prefault('run').register(about, {
    type: 'word',
    env: 'WIKIFARM_INSTALL',
    meaning: "a new wiki's tables come from MediaWiki's installer (run) or from a fresh wiki's (clone)",
  }),
  'docker-socket': kinds.path.prefault('/var/run/docker.sock').register(about, {
    type: 'path',
    meaning: 'where the Docker engine answers',
  }),
  'docker-host': kinds.dockerHost.optional().register(about, {
    type: 'host:port',
    default: '`docker-socket`',
    meaning:
      'a Docker engine over TCP, on the machine that holds the wikis, e.g. `docker.example.org:2376`: over TLS, with `docker-cert-file`',
  }),
  'docker-ca-file': kinds.path.optional().register(about, {
    type: 'path',
    default: 'the public authorities',
    meaning: "a PEM file with the certificate of the authority that signed the Docker engine's",
  }),
  'docker-cert-file': kinds.path.optional().register(about, {
    type: 'path',
    meaning: 'our own certificate, as PEM, by which the Docker engine knows us',
  }),
  'docker-key-file': kinds.path.optional().register(about, {
    type: 'path',
    meaning: 'the private key of `docker-cert-file`, as PEM',
  }),
  'portainer-endpoint': kinds.httpUrl.optional().register(about, {
    type: 'url',
    env: 'PORTAINER_ENDPOINT',
    meaning:
      "Portainer's proxy of a Docker engine, e.g. `https://portainer.example.org/api/endpoints/1/docker`",
  }),
  'portainer-key': kinds.secret(8).optional().register(about, {
    type: 'secret',
    env: 'PORTAINER_KEY',
    secret: true,
    meaning: "Portainer's API key",
  }),
  'portainer-ca': kinds.path.optional().register(about, {
    type: 'path',
    env: 'PORTAINER_CA',
    default: 'the public authorities',
    meaning: "a PEM file with the certificate of the authority that signed Portainer's",
  }),
  'wiki-root-host': kinds.domain.optional().register(about, {
    type: 'domain',
    env: 'WIKI_ROOT_HOST',
    meaning: 'a wiki is reached one label below it, by its slug',
  }),
  'wiki-db-host': kinds.hostAndPort.optional().register(about, {
    type: 'host:port',
    env: 'WIKI_DB_HOST',
    meaning: 'the MariaDB server of the wikis, as the wikis see it',
  }),
  'wiki-db-admin-user': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKI_DB_ADMIN_USER',
    meaning: 'a MariaDB user who may make databases, users and grants',
  }),
  'wiki-db-admin-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    env: 'WIKI_DB_ADMIN_PASSWORD',
    secret: true,
    meaning: "that user's password",
  }),
  'wiki-db-tls': kinds.yesOrNo.optional().register(about, {
    type: 'boolean',
    env: 'WIKI_DB_TLS',
    default: 'true with `wiki-db-ca-file`, else false',
    meaning:
      'MariaDB is asked over TLS, by Wikistead and by wikis that are made from then on; its certificate must be for the host in `wiki-db-host`',
  }),
  'wiki-db-ca-file': kinds.path.optional().register(about, {
    type: 'path',
    env: 'WIKI_DB_CA_FILE',
    default: 'the public authorities',
    meaning:
      "a PEM file with the certificate of the authority that signed MariaDB's; PHP reads it too, at the same path",
  }),
  'wiki-shared-db-name': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKI_SHARED_DB_NAME',
    meaning: "the hub wiki's database, whose accounts the others share; none: each wiki has its own accounts",
  }),
  'opensearch-endpoint': kinds.httpUrl.optional().register(about, {
    type: 'url',
    env: 'OPENSEARCH_ENDPOINT',
    meaning: 'OpenSearch, for `wikifarm-search: cirrus`',
  }),
  'opensearch-ca-file': kinds.path.optional().register(about, {
    type: 'path',
    env: 'OPENSEARCH_CA_FILE',
    default: 'the public authorities',
    meaning:
      "for an `https://` address: a PEM file with the certificate of the authority that signed OpenSearch's; PHP has its own (`curl.cainfo`)",
  }),
  'opensearch-user': kinds.text.optional().register(about, {
    type: 'name',
    env: 'OPENSEARCH_USER',
    meaning: 'the user of OpenSearch that wikis share, where each cannot have one of its own',
  }),
  'opensearch-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    env: 'OPENSEARCH_PASSWORD',
    secret: true,
    meaning: 'that user’s password',
  }),
  'opensearch-admin-user': kinds.text.optional().register(about, {
    type: 'name',
    default: '`opensearch-user`',
    meaning:
      'Wikistead’s own user of OpenSearch, whom no wiki learns: it removes indices, and, when it is named here and may use the API of the security plugin, makes a user for each wiki',
  }),
  'opensearch-admin-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    secret: true,
    meaning: 'that user’s password',
  }),
  'wikifarm-redis-user': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKIFARM_REDIS_USER',
    default: 'Redis’ default user',
    meaning:
      'the user of Redis that wikis share, where Redis does not let Wikistead make one for each; it should reach no key that begins with `Wikistead:`, and no channel',
  }),
  'wikifarm-redis-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    env: 'WIKIFARM_REDIS_PASSWORD',
    secret: true,
    default: 'none: such wikis keep their caches in MariaDB',
    meaning: 'that user’s password; never that of `redis-password`',
  }),
  'wikifarm-service-secret': kinds.secret(32).optional().register(about, {
    type: 'secret',
    env: 'WIKIFARM_SERVICE_SECRET',
    secret: true,
    rotates: true,
    meaning:
      'what the hub’s extension WikiFarm signs its requests with; a hub that is made from then on gets the extension, and this in its pubwiki.ini',
  }),
  'wikifarm-service-key-id': kinds.text.prefault('1').register(about, {
    type: 'name',
    env: 'WIKIFARM_SERVICE_KEY_ID',
    meaning: 'the name of that secret in what is signed: another secret gets another',
  }),
  'wikifarm-service-old-secret': kinds.secret(32).optional().register(about, {
    type: 'secret',
    env: 'WIKIFARM_SERVICE_OLD_SECRET',
    secret: true,
    meaning: 'the secret before this one, taken as well until the hub has the new one',
  }),
  'wikifarm-service-old-key-id': kinds.text.optional().register(about, {
    type: 'name',
    env: 'WIKIFARM_SERVICE_OLD_KEY_ID',
    meaning: 'its name',
  }),
  'wikifarm-service-url': kinds.httpUrl.optional().register(about, {
    type: 'url',
    env: 'WIKIFARM_SERVICE_URL',
    default: "the API's own address",
    meaning: 'where the hub’s PHP reaches the API; what it signs is for this address only',
  }),
  'mediawiki-undo-window': kinds.duration('0', '365d').prefault('7d').register(about, {
    type: 'duration',
    meaning: 'how long a deleted MediaWiki wiki can be restored; 0 removes it at once',
  }),
  'mediawiki-wiki-url': kinds.siteUrl.optional().register(about, {
    type: 'url',
    default: '`https://{domain}`',
    meaning: 'how a wiki is reached, with its host for `{domain}`',
  }),
  'mediawiki-wiki-limit': kinds.wholeNumber(0).prefault(5).register(about, {
    type: 'number',
    meaning: 'how many MediaWiki wikis a user may have',
  }),
  'mediawiki-phase-patience': kinds.duration('10s', '1d').prefault('15m').register(about, {
    type: 'duration',
    meaning:
      "how long one phase of making a wiki goes on trying from its first attempt on while something is away, the wiki's host included; then everything is undone",
  }),
  'wikifarm-host-capacity': kinds.wholeNumber(0).optional().register(about, {
    type: 'number',
    env: 'WIKIFARM_HOST_CAPACITY',
    default: 'no limit',
    meaning: 'how many MediaWiki wikis this machine has room for',
  }),
  'wikifarm-host-creations': kinds.wholeNumber(1).optional().register(about, {
    type: 'number',
    env: 'WIKIFARM_HOST_CREATIONS',
    default: 'two for three processor cores, at least one',
    meaning: 'how many MediaWiki wikis this machine makes at once; those who come later wait for their turn',
  }),
}
