// @ts-check
/**
 * wiki-security-passportjs with changes: a control plane that signs in by a bearer token on one host, owner.json re-read
 * whenever it changes, no writes to a site that has no owner or from another site's page, sign-ins that end in the browser
 * that began them, sites that an operator suspended served to nobody, public addresses only for what the farm asks, and, where a key for them is configured, owner links. It
 * only ever narrows what passportjs allows, save for the bearer of the token.
 */
import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import { basename, dirname, join } from 'node:path'
import passportjs from 'wiki-security-passportjs'
import { readConfiguration } from './configuration.js'
import { recogniseControlPlane } from './control-plane.js'
import { defineControlPlaneRoutes } from './control-plane-routes.js'
import { keepOwnerCurrent, retrieveOwner } from './current-owner.js'
import { forkPath, refuseForkFromNowhere } from './fork-source.js'
import { holdConnections } from './outgoing-connections.js'
import { OwnerFile } from './owner-file.js'
import { followOwnerLink } from './owner-link-route.js'
import { ownSites } from './own-sites.js'
import { askWithPatience } from './patient-provider.js'
import { isFromAnotherSite, isFromSiteItself } from './request-origin.js'
import { bindSignIns } from './sign-in-routes.js'
import { atItsAddress } from './site-address.js'
import { refuseSuspended } from './suspension.js'

const passportjsClient = join(
  dirname(createRequire(import.meta.url).resolve('wiki-security-passportjs/package.json')),
  'client',
)

const fromElsewhere =
  'This did not come from a page of this site. Load the page again, and repeat it there.\n'

/** @type {import('./types.d.ts').Security} */
export default function security(log, loga, argv) {
  const { problems, ...configuration } = readConfiguration(argv.wikistead)
  for (const problem of problems) loga('wiki-security-wikistead: configuration:', problem)
  holdConnections(
    {
      allowedNetworks: configuration.allowedNetworks,
      isOwnSite: argv.farm === true ? sitesOf(argv, configuration.adminHost) : () => false,
    },
    { host: listensAt(argv.host), port: argv.port },
  )
  const site = { name: basename(argv.data), folder: argv.data, owner: new OwnerFile(argv.id) }
  const ofSite = atItsAddress(argv, site.name, configuration.siteUrl)
  const base = passportjs(log, loga, ofSite)
  askWithPatience()
  const isControlPlane = recogniseControlPlane(configuration, site.name)

  /** @type {import('./types.d.ts').SecurityHandler} */
  const handler = {
    retrieveOwner(done) {
      void retrieveOwner(base, loga).then(() => done())
    },
    getOwner: () => site.owner.name(),
    getUser: (req) => base.getUser(req),
    isAuthorized(req) {
      if (isControlPlane(req)) return true
      return site.owner.belongsTo(req.session.passport?.user) && base.isAuthorized(req)
    },
    isAdmin: (req) => isControlPlane(req) || base.isAdmin(req),
    defineRoutes(app, cors, updateOwner) {
      if (site.name !== configuration.adminHost) app.use(refuseSuspended(site.folder))
      app.use((req, res, next) => {
        const { originalMethod: method = req.method, headers } = req
        if (isFromSiteItself({ method, headers })) next()
        else res.status(403).type('text/plain').send(fromElsewhere)
      })
      app.use(keepOwnerCurrent(site, base, updateOwner, loga))
      // wiki-server serves `/security` from this package, whose browser side is passportjs's.
      app.get('/security/:file', (req, res, next) => {
        res.sendFile(req.params['file'] ?? '', { root: passportjsClient, maxAge: '1h' }, (error) => {
          if (error) next()
        })
      })
      app.get('/auth/claim-wiki', (_req, res) => {
        res.status(403).json({ error: 'Sites of this farm are given an owner when they are made.' })
      })
      app.get('/logout', (req, res, next) => {
        if (isFromAnotherSite(req.headers)) res.status(403).type('text/plain').send(fromElsewhere)
        else next()
      })
      app.put(forkPath, refuseForkFromNowhere)
      bindSignIns(app, ofSite, site)
      if (site.name === configuration.adminHost) {
        defineControlPlaneRoutes(app, { argv, configuration, isAdmin: handler.isAdmin })
      }
      base.defineRoutes(app, cors, updateOwner)
      // After passportjs, whose middleware gives the request its `logIn`.
      if (configuration.ownerLinkKey !== undefined) {
        app.get('/auth/owner-link', followOwnerLink(site, configuration.ownerLinkKey))
      }
    },
  }
  return handler
}

/**
 * @param {import('./types.d.ts').Argv} argv
 * @param {string} adminHost
 */
function sitesOf({ data, wikiDomains = {} }, adminHost) {
  return ownSites({ sitesFolder: dirname(data), adminHost, domains: Object.keys(wikiDomains) })
}

/**
 * Where this process reaches what listens on its `host`.
 *
 * @param {string | undefined} host
 */
function listensAt(host) {
  if (host === '::') return '::1'
  return host !== undefined && host !== '0.0.0.0' && isIP(host) > 0 ? host : '127.0.0.1'
}
