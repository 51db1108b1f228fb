/** Which indices are a wiki's, by the names that CirrusSearch gives them. */

/** CirrusSearch's own; the last is of an index that is there without the script that makes them, by a late write. */
const kinds = '(?:content|general|archive|titlesuggest)(?:_(?:first|[0-9]+))?'

/** In the farm's own index, which wikis share. */
export const farmIndex = 'mw_cirrus_metastore'

/** Whether it is this wiki's, and not that of one whose database only begins like this. */
export function isIndexOf(database: string, index: string, aliases: readonly string[]): boolean {
  if (!index.startsWith(`${database}_`)) return false
  const rest = index.slice(database.length + 1)
  if (new RegExp(`^${kinds}$`).test(rest)) return true
  // An operator's own kind of index.
  return /^.+_[^_]+$/.test(rest) && aliases.includes(database)
}

/** The same as OpenSearch's roles name indices: a name, or an expression between slashes. */
export const indexPatternsOf = (database: string): readonly string[] => [database, `/${database}_${kinds}/`]
