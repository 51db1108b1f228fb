/**
 * The configuration of a FedWiki farm that serves only sites that exist, and trusts only the bearer of one token to make
 * them.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'

export interface WikiDomain {
  /** e.g. `wiki.example.org`; its own site is the root, which answers the sign-in's callback. */
  readonly domain: string
  /** The root as browsers reach it, e.g. `https://wiki.example.org` or `http://wiki.localhost:8080`. */
  readonly publicUrl: string
  /** Without it, nobody can sign in there but by an owner link. */
  readonly signIn?: SignIn
}

export interface SignIn {
  readonly clientId: string
  readonly clientSecret: string
  /** With all that the provider wants in its query, e.g. `?scope=openid`. The access token must be a JWT. */
  readonly authorizationUrl: string
  readonly tokenUrl: string
  /** Where the JWT holds the member's name, e.g. `token.preferred_username`; default `token.sub`. */
  readonly usernameField?: string
  readonly displayNameField?: string
}

/** Sign-ins at one provider for every site, each of which has a session of its own. */
export interface SiteSignIn extends SignIn {
  /** Of a site as browsers reach it, with `{domain}` in it, e.g. `http://{domain}:8420`: sign-ins end there. */
  readonly siteUrl: string
}

export interface FarmSettings {
  readonly folder: string
  readonly packageFolder: string
  readonly port: number
  readonly adminHost: string
  readonly adminToken: string
  readonly adminSub?: string
  readonly sessionSecret: string
  readonly ownerLinkKey?: string
  readonly wikiDomains?: readonly WikiDomain[]
  readonly siteSignIn?: SiteSignIn
  readonly allowedNetworks?: readonly string[]
}

/** Everything of the farm under its one folder; only `sites` is served. */
export function farmPaths(folder: string) {
  return {
    sites: join(folder, 'sites'),
    commons: join(folder, 'commons'),
    /** Working directory and HOME, whose `config.json` the farm would take as its own. */
    home: join(folder, 'home'),
    config: join(folder, 'farm.json'),
    sessionSecret: join(folder, 'session-secret'),
    log: join(folder, 'farm.log'),
  }
}

/** What `wiki --config` reads; it holds secrets. */
export function farmConfig(settings: FarmSettings): Record<string, unknown> {
  const {
    folder,
    adminHost,
    adminToken,
    adminSub,
    ownerLinkKey,
    wikiDomains = [],
    siteSignIn,
    allowedNetworks,
  } = settings
  const paths = farmPaths(folder)
  return {
    farm: true,
    host: '127.0.0.1',
    port: settings.port,
    data: paths.sites,
    commons: paths.commons,
    packageDir: settings.packageFolder,
    // Only folders that exist are served. Without it, a visit to any name makes a site of that name.
    allowed: '*',
    security_type: 'wikistead',
    cookieSecret: settings.sessionSecret,
    ...(adminSub !== undefined && { admin: { oauth2: adminSub } }),
    ...(siteSignIn !== undefined && { ...encryption(siteSignIn.siteUrl), ...signInEntries(siteSignIn) }),
    wikistead: {
      adminHost,
      adminTokenHash: `sha256:${createHash('sha256').update(adminToken).digest('hex')}`,
      ...(ownerLinkKey !== undefined && { ownerLinkKey }),
      ...(siteSignIn !== undefined && { siteUrl: siteSignIn.siteUrl }),
      ...(allowedNetworks !== undefined && { allowedNetworks }),
    },
    ...(wikiDomains.length > 0 && { wikiDomains: domainEntries(wikiDomains, adminHost) }),
  }
}

function domainEntries(wikiDomains: readonly WikiDomain[], adminHost: string): Record<string, object> {
  const entries = wikiDomains.map(({ domain, publicUrl, signIn }): [string, object] => {
    return [domain, { url: publicUrl, ...encryption(publicUrl), ...signInEntries(signIn) }]
  })
  // Once there are domains, the farm serves no host outside them.
  const covered = wikiDomains.some(({ domain }) => adminHost === domain || adminHost.endsWith(`.${domain}`))
  return Object.fromEntries(covered ? entries : [...entries, [adminHost, {}]])
}

const encryption = (url: string): object =>
  url.startsWith('https:') ? { security_useHttps: true, secure_cookie: true } : {}

function signInEntries(signIn: SignIn | undefined): Record<string, string> {
  if (signIn === undefined) return {}
  return {
    oauth2_clientID: signIn.clientId,
    oauth2_clientSecret: signIn.clientSecret,
    oauth2_AuthorizationURL: signIn.authorizationUrl,
    oauth2_TokenURL: signIn.tokenUrl,
    // The `sub` by which owner.json names the owner.
    oauth2_IdField: 'token.sub',
    oauth2_UsernameField: signIn.usernameField ?? 'token.sub',
    oauth2_DisplayNameField: signIn.displayNameField ?? 'token.sub',
  }
}
