// @ts-check
/**
 * A site's owner.json as it is on disk now. A copy in memory outlives the site it was read for: after a delete and a
 * re-create under another owner it would let the old one in.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isObject } from './configuration.js'

/** @typedef {import('./types.d.ts').User} User */

/** The sign-in providers that wiki-security-passportjs knows. */
const providers = ['github', 'google', 'twitter', 'oauth2']

export class OwnerFile {
  /** @readonly */
  #path

  /** @param {string} path */
  constructor(path) {
    this.#path = path
  }

  /** The text, or undefined when there is none to be read. */
  async text() {
    try {
      return await readFile(this.#path, 'utf8')
    } catch {
      return undefined
    }
  }

  /** The owner's name, '' for a site without an owner. */
  name() {
    const owner = this.#owner()
    return owner !== undefined && typeof owner['name'] === 'string' ? owner['name'] : ''
  }

  /**
   * Whether the user, by the identity that they signed in with, is the owner. Nobody owns a site whose file is missing,
   * cut short or without an identity.
   *
   * @param {User | '' | undefined} user
   */
  belongsTo(user) {
    const [provider, identity] = Object.entries(user || {})[0] ?? []
    if (provider === undefined || !providers.includes(provider)) return false
    const owner = this.#owner()?.[provider]
    return isObject(owner) && isIdentifier(owner['id']) && owner['id'] === identity?.id
  }

  /** @returns {Record<string, unknown> | undefined} */
  #owner() {
    try {
      const owner = /** @type {unknown} */ (JSON.parse(readFileSync(this.#path, 'utf8')))
      return isObject(owner) ? owner : undefined
    } catch {
      return undefined
    }
  }
}

/** @param {unknown} id */
function isIdentifier(id) {
  return (typeof id === 'string' && id !== '') || Number.isFinite(id)
}
