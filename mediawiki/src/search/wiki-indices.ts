/**
 * Which indices are a wiki's, by the names that CirrusSearch gives them: `BASE_content_first`, `BASE_general_…` and the like,
 * with BASE as the alias of those that are searched. No two wikis can share one: a base ends with a hyphen, and no name of a
 * database holds any.
 */

/** Of the wiki with this database (`$wgCirrusSearchIndexBaseName`); pubwiki.ini tells it as OPENSEARCH_INDEX_BASE. */
export const indexBase = (database: string): string => `${database}-`

/** Of wikis that earlier releases made and nobody has carried over: the alias `vic_content` was also the base of vic-content. */
export const oldIndexBase = (database: string): string => database

/** CirrusSearch's own; the last is of an index that is there without the script that makes them, by a late write. */
const kinds = '(?:content|general|archive|titlesuggest)(?:_(?:first|[0-9]+))?'

/** In the farm's own index, which wikis share. */
export const farmIndex = 'mw_cirrus_metastore'

/** What to ask OpenSearch for, to find all that may be the wiki's; what is found is looked at once more. */
export const indexSearch = (database: string): string =>
  `${indexBase(database)}_*,${oldIndexBase(database)}_*`

export function isIndexOf(database: string, index: string, aliases: readonly string[]): boolean {
  return index.startsWith(`${indexBase(database)}_`) || isOldIndexOf(database, index, aliases)
}

/** Under the old base: this wiki's, and not that of one whose database only begins like this. */
export function isOldIndexOf(database: string, index: string, aliases: readonly string[]): boolean {
  const base = oldIndexBase(database)
  if (!index.startsWith(`${base}_`)) return false
  const rest = index.slice(base.length + 1)
  if (new RegExp(`^${kinds}$`).test(rest)) return true
  // An operator's own kind of index.
  return /^.+_[^_]+$/.test(rest) && aliases.includes(base)
}

/** The same as OpenSearch's roles name indices: a name, with or without `*`, or an expression between slashes. */
export const indexPatternsOf = (database: string): readonly string[] => [
  ...[indexBase(database), `${indexBase(database)}_*`],
]

/** Beside the others, while the wiki is not carried over. */
export const oldIndexPatternsOf = (database: string): readonly string[] => [
  ...[oldIndexBase(database), `/${oldIndexBase(database)}_${kinds}/`],
]

/** The farm's index and those behind it, and what no wiki's name can be. */
export const farmIndexPatterns: readonly string[] = [farmIndex, `/${farmIndex}_(?:first|[0-9]+)/`]
