// @ts-check
/**
 * Whom the farm may ask. Visitors name servers in `/remote/…`, owners in `/proxy/…` and in forks, and whoever is asked
 * names others in a redirect: each connection is judged, not each request.
 */
import { URL } from 'node:url'
import { isOwnBackDoor, isPublicAddress } from './public-address.js'

/**
 * @typedef {object} OutgoingRules
 * @property {readonly import('./public-address.js').Network[]} allowedNetworks beside the public
 * @property {(host: string) => boolean} isOwnSite
 */

/**
 * @typedef {object} Destination
 * @property {string} host a name or an address
 * @property {number} port
 * @property {boolean} encrypted
 */

/**
 * A site of this farm is known by its name: it is asked at the farm itself, whatever the name resolves to, and whichever
 * port was named beside it.
 *
 * @param {Destination} destination
 * @param {OutgoingRules} rules
 * @param {ReadonlySet<string>} [trusted] `host:port` of those that the operator's configuration names
 * @returns {'as it is' | 'at the farm itself' | 'by its addresses'}
 */
export function wayTo({ host, port, encrypted }, { isOwnSite }, trusted) {
  if (trusted?.has(`${host}:${port}`)) return 'as it is'
  return !encrypted && isOwnSite(host) ? 'at the farm itself' : 'by its addresses'
}

/**
 * @param {string} address
 * @param {number} port
 * @param {OutgoingRules} rules
 */
export function mayConnect(address, port, { allowedNetworks }) {
  return isPublicAddress(address, allowedNetworks) && !isOwnBackDoor(address, port, allowedNetworks)
}

/** Of a connection that was not made. */
export class NotPublic extends Error {
  code = 'ERR_NOT_PUBLIC'

  /** @param {string} host */
  constructor(host) {
    super(
      `${host} is not asked: it has no public address. If this farm may ask it, name its network in wikistead.allowedNetworks.`,
    )
  }
}

/**
 * `host:port` of addresses in the operator's configuration.
 *
 * @param {readonly unknown[]} urls
 * @returns {Set<string>}
 */
export function serversOf(urls) {
  const servers = urls
    .filter((url) => typeof url === 'string' && URL.canParse(url))
    .map((url) => new URL(/** @type {string} */ (url)))
  return new Set(
    servers.map(({ hostname, port, protocol }) => {
      return `${hostname.replace(/^\[(.*)\]$/, '$1')}:${port || (protocol === 'https:' ? 443 : 80)}`
    }),
  )
}
