// @ts-check
/**
 * The `wikistead` block of the farm's configuration. A mistake in it closes what it configures, and says so; it never
 * opens anything, and it does not stop the farm, whose sites can be served all the same.
 */
import { Buffer } from 'node:buffer'
import { parseNetwork } from './public-address.js'

/**
 * @typedef {object} Configuration
 * @property {string} adminHost the one site on which the control plane's token counts; '' for none
 * @property {Buffer | undefined} tokenHash SHA-256 of that token
 * @property {string | undefined} ownerLinkKey
 * @property {string | undefined} siteUrl the address of a site, with `{domain}` in it: sign-ins end there; undefined: at its root
 * @property {import('./public-address.js').Network[]} allowedNetworks that visitors may have asked beside the public
 */

const knownKeys = new Set(['adminHost', 'adminTokenHash', 'ownerLinkKey', 'siteUrl', 'allowedNetworks'])

/**
 * @param {unknown} block
 * @returns {Configuration & { problems: string[] }}
 */
export function readConfiguration(block) {
  const given = /** @type {Record<string, unknown>} */ (isObject(block) ? block : {})
  const { adminHost, adminTokenHash, ownerLinkKey, siteUrl, allowedNetworks = [] } = given
  const problems = Object.keys(given)
    .filter((key) => !knownKeys.has(key))
    .map((key) => `wikistead.${key} is not known`)
  const host = typeof adminHost === 'string' && isPlainDomain(adminHost) ? adminHost : ''
  if (host === '') problems.push('wikistead.adminHost must be the lower-case name of the admin site')
  const hash = /^sha256:([0-9a-f]{64})$/.exec(String(adminTokenHash))?.[1]
  if (hash === undefined) problems.push('wikistead.adminTokenHash must be sha256: and 64 hexadecimal digits')
  const key = typeof ownerLinkKey === 'string' && ownerLinkKey.length >= 32 ? ownerLinkKey : undefined
  if (ownerLinkKey !== undefined && key === undefined) {
    problems.push('wikistead.ownerLinkKey must have at least 32 characters')
  }
  const address = isSiteUrl(siteUrl) ? siteUrl : undefined
  if (siteUrl !== undefined && address === undefined) {
    problems.push('wikistead.siteUrl must be like https://{domain} or http://{domain}:8080')
  }
  const networks = (Array.isArray(allowedNetworks) ? allowedNetworks : [undefined]).map((network) =>
    typeof network === 'string' ? parseNetwork(network) : undefined,
  )
  if (networks.includes(undefined)) {
    problems.push('wikistead.allowedNetworks must be a list of addresses and networks, like 10.1.0.0/16')
  }
  return {
    adminHost: host,
    tokenHash: hash === undefined ? undefined : Buffer.from(hash, 'hex'),
    ownerLinkKey: key,
    siteUrl: address,
    allowedNetworks: networks.filter((network) => network !== undefined),
    problems,
  }
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isSiteUrl(value) {
  return typeof value === 'string' && /^https?:\/\/\{domain\}(?::\d{1,5})?$/.test(value)
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Whether a name may become a folder of the farm: a lower-case FQDN of A-labels, no port, no trailing dot, no leading
 * `www.` (the farm drops it), no IP address.
 *
 * @param {string} domain
 */
export function isPlainDomain(domain) {
  const labels = domain.split('.')
  return (
    domain.length <= 253 &&
    labels.length >= 2 &&
    labels.every((part) => label.test(part)) &&
    labels[0] !== 'www' &&
    /[a-z]/.test(labels.at(-1) ?? '')
  )
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
