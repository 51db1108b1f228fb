// @ts-check
/** What the control plane may ask beyond FarmManager, on the admin host only. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { isPlainDomain } from './configuration.js'
import { NoSuchSite, parseOwner, replaceOwner } from './replace-owner.js'
import { parseSuspension, setSuspension } from './suspension.js'

const { name, version } = /** @type {{ name: string; version: string }} */ (
  createRequire(import.meta.url)('../package.json')
)

/**
 * @param {import('./types.d.ts').App} app
 * @param {object} site
 * @param {import('./types.d.ts').Argv} site.argv
 * @param {import('./configuration.js').Configuration} site.configuration
 * @param {(req: import('./types.d.ts').Request) => boolean} site.isAdmin
 */
export function defineControlPlaneRoutes(app, { argv, configuration, isAdmin }) {
  const farm = dirname(argv.data)

  app.use('/auth/wikistead', (req, res, next) => {
    if (isAdmin(req)) next()
    else res.status(403).json({ error: 'Admin access required' })
  })

  app.get('/auth/wikistead', (_req, res) => {
    res.json({
      package: name,
      version,
      rereadsOwner: true,
      refusesOwnerless: true,
      holdsConnections: true,
      suspends: true,
      ownerLinks: configuration.ownerLinkKey !== undefined,
      oauth2_IdField: argv.oauth2_IdField ?? null,
      wikiDomains: Object.fromEntries(
        Object.entries(argv.wikiDomains ?? {}).map(([domain, { oauth2_IdField = null }]) => [
          domain,
          { oauth2_IdField },
        ]),
      ),
    })
  })

  app.put('/auth/wikistead/owners/:domain', async (req, res) => {
    const domain = req.params['domain'] ?? ''
    if (!isPlainDomain(domain)) {
      res.status(400).json({ error: 'The domain must be a lower-case host name, like notes.example.org' })
      return
    }
    if (isOfTheFarm(domain, configuration.adminHost, argv.wikiDomains)) {
      res.status(403).json({ error: `${domain} belongs to the farm itself and has no owner` })
      return
    }
    // A browser sends another origin's JSON only after asking, and is refused: no forged transfers by a cookie.
    const owner = req.is('application/json') ? parseOwner(req.body) : undefined
    if (owner === undefined) {
      res
        .status(400)
        .json({ error: 'The body must be {"name","oauth2":{"id","username"}}, all of them text' })
      return
    }
    try {
      res.json({ domain, owner: await replaceOwner(farm, domain, owner) })
    } catch (error) {
      if (!(error instanceof NoSuchSite)) throw error
      res.status(404).json({ error: 'Site not found' })
    }
  })

  app.put('/auth/wikistead/suspensions/:domain', async (req, res) => {
    const suspension = req.is('application/json') ? parseSuspension(req.body) : undefined
    if (suspension === undefined) {
      res.status(400).json({ error: 'The body must be {"reason","contact"}, both of them text' })
      return
    }
    await answerSuspension(req, res, suspension)
  })

  app.delete('/auth/wikistead/suspensions/:domain', (req, res) => answerSuspension(req, res, undefined))

  /**
   * @param {import('./types.d.ts').Request} req
   * @param {import('./types.d.ts').Response} res
   * @param {import('./suspension.js').Suspension | undefined} suspension
   */
  async function answerSuspension(req, res, suspension) {
    const domain = req.params['domain'] ?? ''
    if (!isPlainDomain(domain) || isOfTheFarm(domain, configuration.adminHost, argv.wikiDomains)) {
      res.status(400).json({ error: 'The domain must be the lower-case host name of a site' })
      return
    }
    try {
      await setSuspension(farm, domain, suspension)
      res.json({ domain, suspended: suspension !== undefined })
    } catch (error) {
      if (!(error instanceof NoSuchSite)) throw error
      res.status(404).json({ error: 'Site not found' })
    }
  }

  app.use('/auth/wikistead', (_req, res) => res.status(404).json({ error: 'Nothing is served here' }))
}

/**
 * @param {string} domain
 * @param {string} adminHost
 * @param {Record<string, unknown>} [wikiDomains]
 */
function isOfTheFarm(domain, adminHost, wikiDomains = {}) {
  return domain === adminHost || Object.hasOwn(wikiDomains, domain)
}
