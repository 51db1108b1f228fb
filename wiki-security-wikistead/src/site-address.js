// @ts-check
import { URL } from 'node:url'

/**
 * The configuration as passportjs is to have it for a site whose sign-ins end at the site itself: with the address that
 * browsers know it by, which the farm knows without its port.
 *
 * @param {import('./types.d.ts').Argv} argv
 * @param {string} site
 * @param {string | undefined} siteUrl with `{domain}` in it; undefined: as the farm has it
 * @returns {import('./types.d.ts').Argv}
 */
export function atItsAddress(argv, site, siteUrl) {
  if (siteUrl === undefined) return argv
  const url = siteUrl.replace('{domain}', site)
  return { ...argv, url, ...(new URL(url).protocol === 'https:' && { security_useHttps: true }) }
}
