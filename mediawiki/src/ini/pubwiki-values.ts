/** What a wiki's pubwiki.ini says of it. The database password is not here: it is made where it is written. */
import type { Visibility } from '@wikistead/contracts'
import type { IniValue } from './pubwiki-ini.ts'
import { noRedis, type RedisLogin } from '../redis/redis-login.ts'
import type { SiteName } from '../names/site-name.ts'
import { databaseName } from '../names/slug.ts'
import { searchEndpoint } from '../search/search-endpoint.ts'
import { indexBase } from '../search/wiki-indices.ts'

export interface PubwikiInput {
  readonly site: SiteName
  readonly slug: string
  readonly visibility: Visibility
  /** What is the same for every wiki of the farm. */
  readonly farm: FarmValues
  /** Default: none, and the wiki's caches are in its database. */
  readonly redis?: RedisLogin | undefined
  /** Default: as somebody who has none. */
  readonly search?: SearchLogin | undefined
}

/** How a wiki signs in to OpenSearch. */
export interface SearchLogin {
  readonly user: string
  readonly password: string
}

export interface FarmValues {
  /** A wiki is reached one label below it. */
  readonly rootHost: string
  /** MariaDB, as the wikis see it. */
  readonly dbHost: string
  /** Whether they reach it over TLS, and the file of its authority, as they see it. */
  readonly dbTls?: { readonly caFile?: string | undefined } | undefined
  /** The hub's database; none when each wiki has its own accounts. */
  readonly sharedDatabase?: string | undefined
  /** Where OpenSearch answers. */
  readonly searchEndpoint?: string | undefined
  /** Further keys that the template's LocalSettings.php reads. */
  readonly more?: Readonly<Record<string, IniValue>> | undefined
}

/** Every key is there in every wiki: an empty one tells PHP that the farm has no such thing. */
export function pubwikiValues({
  site,
  slug,
  visibility,
  farm,
  redis = noRedis,
  search = { user: '', password: '' },
}: PubwikiInput): Record<string, IniValue> {
  const { rootHost, dbHost, dbTls, sharedDatabase, searchEndpoint: endpoint, more } = farm
  return {
    WIKI_SITE_NAME: site.name,
    WIKI_ROOT_HOST: rootHost,
    WIKI_HOST_URL: `${slug}.${rootHost}`,
    WIKI_META_NAMESPACE: site.metaNamespace,
    WIKI_DB_HOST: dbHost,
    ...(dbTls !== undefined && { WIKI_DB_TLS: true, WIKI_DB_CA_FILE: dbTls.caFile ?? '' }),
    WIKI_DB_NAME: databaseName(slug),
    WIKI_DB_USER: databaseName(slug),
    WIKI_SHARED_DB_NAME: sharedDatabase ?? '',
    WIKI_LANG: site.language,
    WIKI_VISIBILITY: visibility,
    WIKI_SERVING: 'active',
    ...searchValues(search),
    OPENSEARCH_ENDPOINT: endpoint === undefined ? '' : searchEndpoint(endpoint).url,
    OPENSEARCH_INDEX_BASE: indexBase(databaseName(slug)),
    ...redisValues(redis),
    ...more,
    WIKI_BOOTSTRAPING: true,
  }
}

export function redisValues({ server, user, password }: RedisLogin): Record<string, IniValue> {
  return { REDIS_SERVER: server, REDIS_USER: user, REDIS_PASSWORD: password }
}

export function searchValues({ user, password }: SearchLogin): Record<string, IniValue> {
  return { OPENSEARCH_USER: user, OPENSEARCH_PASSWORD: password }
}
