// @ts-check
import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Recognises the control plane: the bearer of one token, on one site. A fast hash is enough, since the token is random
 * and long, not a password that a person chose.
 *
 * @param {import('./configuration.js').Configuration} configuration
 * @param {string} siteName
 * @returns {(req: import('./types.d.ts').Request) => boolean}
 */
export function recogniseControlPlane({ adminHost, tokenHash }, siteName) {
  if (tokenHash === undefined || siteName !== adminHost) return () => false
  return (req) => {
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(req.headers['authorization'] ?? '')?.[1]
    return token !== undefined && timingSafeEqual(createHash('sha256').update(token).digest(), tokenHash)
  }
}
