import type { MediaWikiRules } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { parseSiteName } from '@wikistead/mediawiki/site-name'
import { databaseName, parseSlug, requireSlug } from '@wikistead/mediawiki/slug'

/** The rules of the MediaWiki engine; undefined while it is off. */
export function mediaWikiRules(config: Config): MediaWikiRules | undefined {
  const { wikifarmDir, wikiRootHost, wikiSharedDbName: shared, storeUrl, mediawikiWikiUrl } = config
  if (wikifarmDir === undefined || wikiRootHost === undefined) return undefined
  const store = storeUrl.engine === 'mariadb' ? [storeUrl.database] : []
  const reservedDatabases = shared === undefined ? store : [...store, shared]
  return {
    requireSlug(slug, isHub) {
      if (!isHub) return parseSlug(slug, { reservedDatabases })
      if (databaseName(slug) === shared) return requireSlug(slug)
      throw new Refusal(
        'invalid_slug',
        shared === undefined
          ? 'This farm has no hub. Name its database in wiki-shared-db-name first.'
          : `The hub's database is ${shared} (wiki-shared-db-name), so its slug can only be ${shared.replaceAll('_', '-')}.`,
      )
    },
    requireName: (name, language) => void parseSiteName(name, language),
    wikiLimit: config.mediawikiWikiLimit,
    search: config.wikifarmSearch,
    patienceMs: config.mediawikiPhasePatience,
    wikiUrl: (slug) =>
      (mediawikiWikiUrl ?? 'https://{domain}').replace('{domain}', `${slug}.${wikiRootHost}`),
  }
}
