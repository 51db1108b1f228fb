// @ts-check
import { access } from 'node:fs/promises'

/**
 * Runs before every route: hands owner.json to passportjs and to wiki-server again whenever it has changed, and ends
 * what was deleted. A farm goes on running the instance of a removed site, which would write its folder anew.
 *
 * @param {object} site
 * @param {string} site.folder
 * @param {import('./owner-file.js').OwnerFile} site.owner
 * @param {import('./types.d.ts').SecurityHandler} base
 * @param {import('./types.d.ts').UpdateOwner} updateOwner
 * @param {import('./types.d.ts').Log} loga
 * @returns {import('./types.d.ts').Handler}
 */
export function keepOwnerCurrent({ folder, owner }, base, updateOwner, loga) {
  /** @type {string | undefined | null} null until the first request */
  let known = null
  return async (_req, res, next) => {
    const text = await owner.text()
    if (text === undefined && !(await exists(folder))) {
      res.status(404).type('text/plain').send('There is no such site here.\n')
      return
    }
    if (text !== known) {
      await retrieveOwner(base, loga)
      updateOwner(owner.name())
      known = text
    }
    next()
  }
}

/**
 * Resolves in any case: an owner.json that cannot be read makes a site without an owner, not a farm that ends.
 *
 * @param {import('./types.d.ts').SecurityHandler} base
 * @param {import('./types.d.ts').Log} loga
 * @returns {Promise<void>}
 */
export function retrieveOwner(base, loga) {
  return new Promise((resolve) => {
    base.retrieveOwner((error) => {
      if (error) loga('wiki-security-wikistead: owner.json cannot be read:', String(error))
      resolve()
    })
  })
}

/** @param {string} folder */
function exists(folder) {
  return access(folder).then(
    () => true,
    () => false,
  )
}
