// @ts-check
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isPlainDomain } from './configuration.js'

/**
 * Which names are sites of this farm: folders that exist, within its domains if it has any. Not the admin site, which
 * may be closed to the world.
 *
 * @param {object} farm
 * @param {string} farm.sitesFolder
 * @param {string} farm.adminHost
 * @param {readonly string[]} farm.domains
 * @returns {(host: string) => boolean}
 */
export function ownSites({ sitesFolder, adminHost, domains }) {
  return (host) => {
    // The farm drops it as well.
    const name = host.toLowerCase().replace(/^www\./, '')
    if (!isPlainDomain(name) || name === adminHost) return false
    if (domains.length > 0 && !domains.some((domain) => name === domain || name.endsWith(`.${domain}`)))
      return false
    return statSync(join(sitesFolder, name), { throwIfNoEntry: false })?.isDirectory() === true
  }
}
