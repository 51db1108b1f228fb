// @ts-check
/**
 * The `state` of a sign-in at a provider (RFC 6749, 10.12), and its PKCE verifier (RFC 7636). Both follow from a secret
 * that the browser keeps in a cookie and from the farm's key, so that a sign-in ends in the browser that began it and
 * nothing is kept meanwhile.
 */
import { Buffer } from 'node:buffer'
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const lifetimeMs = 10 * 60_000

/**
 * @typedef {object} Beginner
 * @property {string} key of the farm
 * @property {string} provider
 * @property {string} browser what the browser keeps
 */

/**
 * @typedef {object} SignIn
 * @property {string} id
 * @property {number} expires in milliseconds since the epoch
 * @property {string} verifier
 */

/**
 * @param {Beginner} beginner
 * @param {number} now
 * @returns {{ state: string, challenge: string }}
 */
export function beginSignIn(beginner, now) {
  const id = randomBytes(16).toString('base64url')
  const expires = now + lifetimeMs
  const verifier = derive('verifier', beginner, id, expires)
  return {
    state: `${id}.${expires}.${derive('state', beginner, id, expires)}`,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
  }
}

/**
 * The sign-in that this browser began, when it is not too old. Whether it was finished before is not known here.
 *
 * @param {unknown} state
 * @param {Beginner} beginner
 * @param {number} now
 * @returns {SignIn | undefined}
 */
export function readState(state, beginner, now) {
  const [, id = '', digits = '', given = ''] =
    /^([\w-]{22})\.(\d{1,15})\.([\w-]{43})$/.exec(typeof state === 'string' ? state : '') ?? []
  const expires = Number(digits)
  const expected = derive('state', beginner, id, expires)
  if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected)))
    return undefined
  return expires > now ? { id, expires, verifier: derive('verifier', beginner, id, expires) } : undefined
}

/**
 * @param {'state' | 'verifier'} use
 * @param {Beginner} beginner
 * @param {string} id
 * @param {number} expires
 */
function derive(use, { key, provider, browser }, id, expires) {
  return createHmac('sha256', key)
    .update(['wikistead sign-in 1', use, provider, id, expires, browser].join('\n'))
    .digest('base64url')
}
