// @ts-check
/**
 * A browser sends a site's cookies along whoever wrote the page, and to browsers all sites of a farm are one: what
 * changes something must come from a page of the very site that it changes.
 */
import { URL } from 'node:url'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request may change something, as far as where it comes from goes. Programs say nothing of that and have no
 * cookies.
 *
 * @param {object} request
 * @param {string | undefined} [request.method]
 * @param {Readonly<Record<string, string | string[] | undefined>>} request.headers with names in lower case
 */
export function isFromSiteItself({ method = '', headers }) {
  if (safeMethods.has(method)) return true
  const { 'sec-fetch-site': from, origin, cookie, host } = headers
  if (from !== undefined) return from === 'same-origin' || from === 'none'
  if (origin !== undefined) return isOriginOf(String(origin), String(host))
  return cookie === undefined
}

/**
 * Whether another site's page asks, as far as the browser says so: for what changes something by GET.
 *
 * @param {Readonly<Record<string, string | string[] | undefined>>} headers
 */
export function isFromAnotherSite({ 'sec-fetch-site': from }) {
  return from !== undefined && from !== 'same-origin' && from !== 'none'
}

/**
 * @param {string} origin `null` for a page that hides its own
 * @param {string} host the Host header
 */
function isOriginOf(origin, host) {
  if (!URL.canParse(origin)) return false
  const { protocol, host: expected } = new URL(origin)
  const usual = protocol === 'https:' ? /:443$/ : /:80$/
  return expected !== '' && host.toLowerCase().replace(usual, '') === expected
}
