/** The pubwiki.ini of a template: every key that LocalSettings.php reads, those of the farm filled in. */

export interface FarmKeys {
  /** Of the wikis' URLs; default `https`. */
  readonly scheme?: 'http' | 'https'
  /** In the wikis' URLs; default none. */
  readonly port?: number
  /** Default `core`: MediaWiki's own. */
  readonly search?: 'core' | 'cirrus'
  /** The extensions and skins that people expect, a logo and a main page that greets; default false. */
  readonly extras?: boolean
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed; default loopback. */
  readonly trustedProxies?: readonly string[]
}

export function templateIni(keys: FarmKeys): string {
  return lines(keys)
    .map(([name, value]) => (value === undefined ? `\n; ${name}` : `${name}="${value}"`))
    .join('\n')
    .trimStart()
    .concat('\n')
}

/** A name and its value, or a heading. No value here needs escaping. */
function lines(keys: FarmKeys): readonly (readonly [string, string?])[] {
  const { scheme = 'https', port, search = 'core', trustedProxies = ['127.0.0.1', '::1'] } = keys
  const proxies = trustedProxies.map((address) => {
    if (!/^[\da-fA-F.:/]+$/.test(address)) throw new RangeError(`${address} is no address of a proxy`)
    return address
  })
  return [
    ['What the wiki is called, and where it is'],
    ['WIKI_SITE_NAME', ''],
    ['WIKI_META_NAMESPACE', ''],
    ['WIKI_LANG', 'en'],
    ['WIKI_ROOT_HOST', ''],
    ['WIKI_HOST_URL', ''],
    ['WIKI_URL_SCHEME', scheme],
    ['WIKI_URL_PORT', port === undefined ? '' : String(port)],
    ['WIKI_TRUSTED_PROXIES', proxies.join(',')],
    ['public: everybody may read; anything else is private'],
    ['WIKI_VISIBILITY', 'private'],
    ['active, readonly or archived: what it does for everybody, whoever may read it'],
    ['WIKI_SERVING', 'active'],
    ['true until it is installed, and whenever it shall not be served'],
    ['WIKI_BOOTSTRAPING', 'true'],
    ['true: also the extensions and skins that people expect, as far as MediaWiki brings them, and a logo'],
    ['WIKI_EXTRAS', String(keys.extras ?? false)],
    ['Its database, and the hub whose accounts it shares (none: its own accounts)'],
    ['WIKI_DB_HOST', ''],
    ['WIKI_DB_NAME', ''],
    ['WIKI_DB_USER', ''],
    ['WIKI_DB_PASSWORD', ''],
    ['WIKI_SHARED_DB_NAME', ''],
    ['true: the database is asked over TLS, and its certificate is of this authority (empty: a public one)'],
    ['WIKI_DB_TLS', ''],
    ['WIKI_DB_CA_FILE', ''],
    ['Empty: derived from the database password'],
    ['WIKI_SECRET_KEY', ''],
    ['core, or cirrus: OPENSEARCH_ENDPOINT is like http://search:9200, the base empty for DATABASE-'],
    ['WIKIFARM_SEARCH', search],
    ['OPENSEARCH_ENDPOINT', ''],
    ['OPENSEARCH_INDEX_BASE', ''],
    ['OPENSEARCH_USER', ''],
    ['OPENSEARCH_PASSWORD', ''],
    ['host:port of the cache; empty, or PHP without redis: the database'],
    ['REDIS_SERVER', ''],
    ['Its own user there, where it has one'],
    ['REDIS_USER', ''],
    ['REDIS_PASSWORD', ''],
    ['The hub only: where its extension WikiFarm reaches Wikistead, and what it signs its requests with'],
    ['WIKIFARM_SERVICE_URL', ''],
    ['WIKIFARM_SERVICE_KEY_ID', ''],
    ['WIKIFARM_SERVICE_SECRET', ''],
    ['Folder of oauth.key and oauth.cert, for the OAuth extension where the farm loads it'],
    ['WIKI_OAUTH_DIR', ''],
  ]
}
