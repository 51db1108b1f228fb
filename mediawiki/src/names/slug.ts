/**
 * A MediaWiki wiki's short name. It becomes a DNS label, a folder, a database and a database user, so it must be legal
 * as each of them, and neither a wiki's address nor its database may be one that the farm itself needs.
 */
import { createHash } from 'node:crypto'
import { Refusal, reservedLabels } from '@wikistead/contracts'

export interface SlugRules {
  /** Databases that are no wiki's to take: that of the shared accounts, Wikistead's own, templates. */
  readonly reservedDatabases?: readonly string[] | undefined
  /** Further slugs that no member gets. */
  readonly reservedSlugs?: readonly string[] | undefined
}

/** @throws Refusal `invalid_slug`, `name_reserved` */
export function parseSlug(
  asked: string,
  { reservedDatabases = [], reservedSlugs = [] }: SlugRules = {},
): string {
  const slug = requireSlug(asked)
  const database = databaseName(slug)
  const reserved =
    reservedLabels.has(slug) ||
    reservedSlugs.includes(slug) ||
    serverNames.has(database) ||
    // MariaDB may fold the case of database names, depending on the system it runs on.
    reservedDatabases.some((name) => name.toLowerCase() === database)
  if (reserved) throw new Refusal('name_reserved', `${slug} is reserved for the farm itself.`, { slug })
  return slug
}

/** The grammar alone: 3 to 63 characters of a DNS label. @throws Refusal `invalid_slug` */
export function requireSlug(asked: string): string {
  // Hyphens in third and fourth place are kept for A-labels (`xn--`).
  if (grammar.test(asked) && asked.slice(2, 4) !== '--') return asked
  throw new Refusal(
    'invalid_slug',
    "A wiki's short name is 3 to 63 lower-case letters, digits and hyphens, and neither starts nor ends with a hyphen.",
    { slug: asked.slice(0, 100) },
  )
}

/**
 * The wiki's database and its user. As no slug holds an underscore, no two slugs have one database. In GRANT the name
 * is a pattern of at most 64 characters, in which each underscore counts twice: a slug that would not fit stands there
 * in part, with a print of the whole, between underscores where no other slug can have them.
 */
export function databaseName(slug: string): string {
  const name = requireSlug(slug).replaceAll('-', '_')
  const underscores = name.length - name.replaceAll('_', '').length
  if (name.length + underscores <= 64) return name
  const print = createHash('sha256').update(slug).digest('hex').slice(0, 16)
  return `${name.replaceAll('_', '').slice(0, 40)}_${print}_`
}

const grammar = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/

/** MariaDB's own schemas and accounts, and words that mean something else where a user's name or a key's stands. */
const serverNames: ReadonlySet<string> = new Set([
  ...['mysql', 'sys', 'performance_schema', 'information_schema', 'ndbinfo', 'test', 'lost_found'],
  ...['root', 'mariadb', 'admin', 'public', 'none', 'current_user', 'current_role', 'replication'],
  // Of Redis, where MediaWiki keeps what is meant for all wikis under it.
  'global',
  ...['debian_sys_maint', 'galera', 'maxscale', 'event_scheduler', 'system_user'],
])
