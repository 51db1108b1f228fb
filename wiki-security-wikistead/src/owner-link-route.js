// @ts-check
import { join } from 'node:path'
import { verifyOwnerLinkToken } from './owner-link.js'
import { spendOnce } from './spend-once.js'

/**
 * Signs the bearer of an owner link in, with the session that a sign-in through passportjs makes, and leads them to
 * their site. The link of somebody who owns the site no more opens nothing.
 *
 * @param {object} site
 * @param {string} site.name
 * @param {string} site.folder
 * @param {import('./owner-file.js').OwnerFile} site.owner
 * @param {string} key
 * @returns {import('./types.d.ts').Handler}
 */
export function followOwnerLink(site, key) {
  return async (req, res, next) => {
    res.set('Cache-Control', 'no-store').set('Referrer-Policy', 'no-referrer')
    const claim = verifyOwnerLinkToken(req.query['token'], key, site.name)
    /** @type {import('./types.d.ts').User} */
    const user = { oauth2: { id: claim?.sub, username: claim?.name ?? '', displayName: claim?.name ?? '' } }
    if (claim === undefined || !site.owner.belongsTo(user)) return refuse(res)
    // Whoever is signed in already may follow their link again: it gives them nothing more.
    if (req.session.passport?.user?.['oauth2']?.id === claim.sub) return res.redirect(303, '/')
    // Express answers HEAD by the same route; a link preview must not spend the link.
    if (req.method !== 'GET') return res.redirect(303, '/')
    if (!(await spendOnce(join(site.folder, 'status'), '.owner-link-', claim.nonce, claim.expires)))
      return refuse(res)
    req.logIn(user, (error) => (error ? next(error) : res.redirect(303, '/')))
  }
}

/** @param {import('./types.d.ts').Response} res */
function refuse(res) {
  res
    .status(403)
    .type('text/plain')
    .send(
      'This link has expired, was used before, or is not for the owner of this site. Ask for a new one.\n',
    )
}
