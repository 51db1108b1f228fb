import type { StepDeps } from '@wikistead/tasks/step'
import type { DatabaseServer } from '../database/database-server.ts'
import type { PhpUsers } from '../folder/php-users.ts'
import type { IniValue } from '../ini/pubwiki-ini.ts'
import type { FarmValues, SearchLogin } from '../ini/pubwiki-values.ts'
import type { SharedRedisLogin } from '../redis/redis-login.ts'
import type { RedisServer } from '../redis/redis-client.ts'
import type { Runner } from '../runners/runner.ts'
import type { SearchServer } from '../search/search-client.ts'

/** One host of the farm, as the worker on it knows it. */
export interface MediaWikiDeps extends StepDeps {
  readonly runner: Runner
  readonly phpUsers: PhpUsers
  readonly server: DatabaseServer
  readonly farm: FarmValues
  /** Where the wikis keep caches and sessions. Holds Wikistead's own login, which no wiki gets. */
  readonly redis?: RedisDeps | undefined
  /** For `cirrus`. Holds Wikistead's own login. */
  readonly openSearch?: SearchDeps | undefined
  /** WIKIFARM_DIR, WIKIFARM_OAUTH_DIR and WIKIFARM_TEMPLATE; absolute. */
  readonly folders: { readonly wikis: string; readonly oauth: string; readonly template: string }
  /** WIKIFARM_OAUTH_DIR as PHP sees it. */
  readonly oauthForPhp: string
  /** What only the hub's pubwiki.ini says: how its extension reaches Wikistead. Holds a secret. */
  readonly hubValues?: () => Readonly<Record<string, IniValue>> | undefined
  /** The hub's address, by which its accounts are known; undefined: each wiki has its own. */
  readonly hubIssuer?: string | undefined
  readonly search: 'cirrus' | 'core'
  /** A new wiki's tables come from MediaWiki's installer, or are copied from a fresh wiki's. */
  readonly install: 'run' | 'clone'
  /** Databases that are no wiki's to take: Wikistead's own, templates. */
  readonly reservedDatabases: readonly string[]
  /** Milliseconds during which a deleted wiki can be restored; 0 removes it at once. */
  readonly undoWindowMs: number
  /** What the environment of a script of PHP's common user holds besides its own, where wikis share one MediaWiki. */
  readonly sharedCodeEnv?: Readonly<Record<string, string>> | undefined
}

export interface RedisDeps {
  readonly server: RedisServer
  /** For wikis that cannot have a user of their own. */
  readonly shared?: SharedRedisLogin | undefined
}

export interface SearchDeps {
  readonly server: SearchServer
  /** For wikis that cannot have a user of their own. */
  readonly shared?: SearchLogin | undefined
}
