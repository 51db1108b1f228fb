// @ts-check
/**
 * Which addresses of the Internet a farm may ask on a visitor's word: those of the public, and the networks that its
 * operator allowed beside them. Whatever carries another address within itself (mapped, 6to4, NAT64, Teredo) is not
 * public, whichever it carries.
 */
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** @typedef {[ipaddr.IPv4 | ipaddr.IPv6, number]} Network an address and the length of its prefix */

/** What is in use of the unicast IPv6 addresses; the rest is nobody's, or of older days, like `::7f00:1`. */
const globalUnicast = /** @type {Network} */ (ipaddr.parseCIDR('2000::/3'))
/** Looks public and is not: every machine at Azure reaches that provider's own services there. */
const azureServices = '168.63.129.16'
/** Where whoever asks this machine from outside is answered as well. */
const publicPorts = new Set([80, 443])

/**
 * @param {string} text an address, or a network like `10.1.0.0/16`
 * @returns {Network | undefined}
 */
export function parseNetwork(text) {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  const address = parsed(text)
  return address && [address, address.kind() === 'ipv4' ? 32 : 128]
}

/**
 * @param {string} text
 * @param {readonly Network[]} [allowed]
 */
export function isPublicAddress(text, allowed = []) {
  const address = parsed(text)
  if (address === undefined) return false
  if (allowed.some((network) => isWithin(address, network))) return true
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv6' ? isWithin(address, globalUnicast) : address.toString() !== azureServices
}

/**
 * Whether an address is this machine's own and the port is not one that everybody sees: a service there may count on
 * a firewall that stands before the machine, not within it.
 *
 * @param {string} text
 * @param {number} port
 * @param {readonly Network[]} [allowed]
 */
export function isOwnBackDoor(text, port, allowed = []) {
  const address = parsed(text)
  if (address === undefined || publicPorts.has(port)) return false
  if (allowed.some((network) => isWithin(address, network))) return false
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .some((own) => parsed(own.address)?.toNormalizedString() === address.toNormalizedString())
}

/**
 * @param {ipaddr.IPv4 | ipaddr.IPv6} address
 * @param {Network} network
 */
function isWithin(address, network) {
  return address.kind() === network[0].kind() && address.match(network)
}

/**
 * Only as four decimal numbers, or as IPv6; without the zone that names an interface.
 *
 * @param {string} text
 */
function parsed(text) {
  const [plain = ''] = text.split('%')
  return ipaddr.IPv4.isValidFourPartDecimal(plain) || ipaddr.IPv6.isValid(plain)
    ? ipaddr.parse(plain)
    : undefined
}
