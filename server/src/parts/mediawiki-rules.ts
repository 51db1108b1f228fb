import type { MediaWikiRules } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { languages, parseSiteName } from '@wikistead/mediawiki/site-name'
import { databaseName, parseSlug, requireSlug } from '@wikistead/mediawiki/slug'

/** The rules of the MediaWiki engine; undefined while it is off. */
export function mediaWikiRules(config: Config): MediaWikiRules | undefined {
  const { wikifarmDir, wikiRootHost, wikiSharedDbName: shared, storeUrl, mediawikiWikiUrl } = config
  if (wikifarmDir === undefined || wikiRootHost === undefined) return undefined
  const store = storeUrl.engine === 'mariadb' ? [storeUrl.database] : []
  const wikiUrl = (slug: string): string =>
    (mediawikiWikiUrl ?? 'https://{domain}').replace('{domain}', `${slug}.${wikiRootHost}`)
  const reservedDatabases = shared === undefined ? store : [...store, shared]
  return {
    requireSlug(slug, isHub) {
      if (!isHub) return parseSlug(slug, { reservedDatabases })
      if (databaseName(slug) === shared) return requireSlug(slug)
      throw new Refusal(
        'invalid_slug',
        shared === undefined
          ? 'This farm has no hub. Name its database in wiki-shared-db-name first.'
          : `The hub's database is ${shared} (wiki-shared-db-name), so its slug can only be ${hubSlug(shared)}.`,
      )
    },
    requireName: (name, language) => void parseSiteName(name, language),
    wikiLimit: config.mediawikiWikiLimit,
    search: config.wikifarmSearch,
    patienceMs: config.mediawikiPhasePatience,
    wikiUrl,
    undoWindowMs: config.mediawikiUndoWindow,
    rootHost: wikiRootHost,
    hubUrl: shared === undefined ? undefined : wikiUrl(hubSlug(shared)),
    languages,
  }
}

export const hubSlug = (database: string): string => database.replaceAll('_', '-')
