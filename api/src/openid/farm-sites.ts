/** Where sign-ins of the FedWiki farm end: at each of its sites, and nowhere else. */
import type { Store } from '@wikistead/store'
import type { FedWikiRules } from '../deps.ts'

/** As wiki-security-passportjs has it. */
const callbackPath = '/auth/oauth2/callback'

/** The site that an address is the callback of, by its form alone; undefined: of none. */
export function siteOf(address: string, { siteUrl }: Pick<FedWikiRules, 'siteUrl'>): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { hostname } = new URL(address)
  return address === `${siteUrl(hostname)}${callbackPath}` ? hostname : undefined
}

/** Whether that is the callback of a site that we made and that stands. */
export async function isSiteHere(
  store: Store,
  address: string,
  rules: Pick<FedWikiRules, 'siteUrl'>,
): Promise<boolean> {
  const site = siteOf(address, rules)
  return site !== undefined && (await store.wikis.byClaim('fedwiki', site))?.status === 'active'
}
