/**
 * Who needs which settings. A command demands those of the parts that it is made of: what it does not use may be missing,
 * or in a file that it cannot read, on a machine that shares its configuration with others.
 */
import { mediaWikiSettings } from './mediawiki-settings.ts'

export type Part =
  | 'api'
  | 'store'
  | 'temporal'
  | 'redis'
  | 'fedwiki'
  /** That there are MediaWiki wikis, and where they are. */
  | 'mediawiki'
  /** What makes them, on the machine that holds them. */
  | 'mediawiki-host'
  /** The hub's extension and its secrets. */
  | 'hub'

/** Undefined for what everybody uses. */
export function partOf(setting: string): Part | undefined {
  const [first = ''] = setting.split('-')
  if (first === 'store' || first === 'temporal' || first === 'redis' || first === 'fedwiki') return first
  if (setting === 'audit-key') return 'store'
  if (/^wikifarm-service-|^wiki-shared-db-name$/.test(setting)) return 'hub'
  if (/^(?:wikifarm-dir|wiki-root-host|wikifarm-php-user)$|^mediawiki-/.test(setting)) return 'mediawiki'
  if (Object.hasOwn(mediaWikiSettings, setting)) return 'mediawiki-host'
  return setting === 'data-folder' || setting === 'log-level' || setting === 'worker-metrics-port'
    ? undefined
    : 'api'
}
