// @ts-check
/**
 * Owner links: a URL that signs one person in on one site, for farms that have no sign-in of their own. The link is a
 * claim signed with a key that the farm and its control plane share.
 *
 * A link ends up in terminals, histories and access logs. So it works once, and it works only for minutes: either alone
 * would leave the unused or the logged ones open.
 */
import { Buffer } from 'node:buffer'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { URL } from 'node:url'

/**
 * @typedef {object} OwnerClaim
 * @property {string} domain the site
 * @property {string} sub the owner's OIDC subject, as in owner.json's `oauth2.id`
 * @property {string} name shown to the owner
 * @property {number} expires in milliseconds since the epoch
 * @property {string} nonce
 */

const longestLifetimeSeconds = 24 * 60 * 60

/**
 * @param {object} link
 * @param {string} link.key `wikistead.ownerLinkKey` of the farm, at least 32 characters
 * @param {string} link.siteUrl the site as its visitors reach it, e.g. `http://notes.localhost:8080`
 * @param {string} link.sub
 * @param {string} link.name
 * @param {number} [link.lifetimeSeconds] default 15 minutes, at most a day
 * @returns {string} the URL
 */
export function createOwnerLink({ key, siteUrl, sub, name, lifetimeSeconds = 15 * 60 }) {
  if (key.length < 32) throw new RangeError('An owner link key has at least 32 characters')
  if (!(lifetimeSeconds > 0 && lifetimeSeconds <= longestLifetimeSeconds)) {
    throw new RangeError('An owner link lives for at most a day')
  }
  const url = new URL('/auth/owner-link', siteUrl)
  /** @type {OwnerClaim} */
  const claim = {
    domain: url.hostname,
    sub,
    name,
    expires: Date.now() + lifetimeSeconds * 1000,
    nonce: randomBytes(16).toString('base64url'),
  }
  const payload = Buffer.from(JSON.stringify(claim)).toString('base64url')
  url.searchParams.set('token', `${payload}.${sign(payload, key).toString('base64url')}`)
  return url.href
}

/**
 * The claim of an unexpired token for this site, signed with the key.
 *
 * @param {unknown} token
 * @param {string} key
 * @param {string} domain
 * @returns {OwnerClaim | undefined}
 */
export function verifyOwnerLinkToken(token, key, domain) {
  const [payload, signature, ...rest] = typeof token === 'string' ? token.split('.') : []
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined
  const expected = sign(payload, key)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  // Signed, so it has the shape that it was given.
  const claim = /** @type {OwnerClaim} */ (JSON.parse(Buffer.from(payload, 'base64url').toString()))
  return claim.domain === domain && claim.expires > Date.now() ? claim : undefined
}

/**
 * @param {string} payload
 * @param {string} key
 */
function sign(payload, key) {
  return createHmac('sha256', key).update(`wikistead owner link 1\n${payload}`).digest()
}
