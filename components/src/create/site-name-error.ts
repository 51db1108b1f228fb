/** What is wrong with a MediaWiki wiki's name, told while it is typed. */
import { siteNameFault, type SiteNameFault } from '@wikistead/contracts/site-names'

const keys: Readonly<Record<SiteNameFault, string>> = {
  empty: 'wikifarm-create-name-missing',
  spaces: 'wikifarm-create-name-missing',
  long: 'wikifarm-create-name-long',
  invisible: 'wikifarm-create-name-invisible',
  sign: 'wikifarm-create-name-invalid',
  escape: 'wikifarm-create-name-escape',
  tildes: 'wikifarm-create-name-tildes',
  path: 'wikifarm-create-name-path',
}

/** The key of its message; undefined for a name that can be. Spaces around it are not sent, and no fault. */
export function siteNameError(typed: string): string | undefined {
  const fault = siteNameFault(typed.trim())
  return fault === undefined ? undefined : keys[fault]
}
