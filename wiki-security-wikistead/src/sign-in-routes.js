// @ts-check
/**
 * What passportjs leaves out of its sign-ins at OAuth 2.0 providers: a `state` on the way out, without which nothing is
 * taken on the way back, and PKCE where the operator named the provider. They stand before passportjs's own routes.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { URL } from 'node:url'
import { isObject } from './configuration.js'
import { trusting } from './outgoing-connections.js'
import { serversOf } from './outgoing-rules.js'
import { beginSignIn, readState } from './sign-in-state.js'
import { spendOnce } from './spend-once.js'

/** Twitter's is OAuth 1.0a, whose token is bound to the session already. */
const providers = /** @type {const} */ (['oauth2', 'github', 'google'])
const cookieLifetimeMs = 15 * 60_000
const markPrefix = '.sign-in-'

/** @type {AsyncLocalStorage<string>} */
const verifierInUse = new AsyncLocalStorage()
let sendsVerifier = false

/**
 * @param {import('./types.d.ts').App} app
 * @param {import('./types.d.ts').Argv} argv
 * @param {{ name: string, folder: string }} site
 */
export function bindSignIns(app, argv, site) {
  sendVerifier()
  const secure = argv.secure_cookie === true || argv.security_useHttps === true
  // A sibling site cannot set a cookie of that name.
  const cookieName = secure ? '__Host-wikistead-sign-in' : 'wikistead-sign-in'
  const servers = serversOf([argv.oauth2_TokenURL, argv.oauth2_UserInfoURL])
  const root = rootOf(argv)

  for (const provider of providers) {
    if (argv[`${provider}_clientID`] === undefined) continue

    app.get(`/auth/${provider}`, (req, res, next) => {
      // passportjs would take a code here as well.
      if ('code' in req.query || (isObject(req.body) && 'code' in req.body)) return refuse(res)
      // It ends at the root, so it begins there.
      if (root !== undefined && site.name !== argv.wiki_domain)
        return res.redirect(302, `${root}/auth/${provider}`)
      const browser = secretOf(req, cookieName) ?? randomBytes(32).toString('base64url')
      res.cookie(cookieName, browser, {
        ...{ httpOnly: true, sameSite: 'lax', path: '/' },
        ...{ secure, maxAge: cookieLifetimeMs },
      })
      const begun = beginSignIn({ key: argv.cookieSecret, provider, browser }, Date.now())
      addToLocation(res, {
        state: begun.state,
        ...(provider === 'oauth2' && { code_challenge: begun.challenge, code_challenge_method: 'S256' }),
      })
      res.set('Cache-Control', 'no-store')
      next()
    })

    app.get(`/auth/${provider}/callback`, async (req, res, next) => {
      res.set('Cache-Control', 'no-store').set('Referrer-Policy', 'no-referrer')
      const browser = secretOf(req, cookieName)
      const signIn =
        browser && readState(req.query['state'], { key: argv.cookieSecret, provider, browser }, Date.now())
      if (!signIn) return refuse(res)
      if (!(await spendOnce(join(site.folder, 'status'), markPrefix, signIn.id, signIn.expires)))
        return refuse(res)
      trusting(servers, () => (provider === 'oauth2' ? verifierInUse.run(signIn.verifier, next) : next()))
    })
  }
}

/**
 * The callback's host as passportjs has it.
 *
 * @param {import('./types.d.ts').Argv} argv
 */
function rootOf({ wiki_domain: domain, url, security_useHttps: https }) {
  if (domain === undefined) return undefined
  const { protocol, port } = new URL(url)
  return `${https ? 'https:' : protocol}//${domain}${port && `:${port}`}`
}

/**
 * @param {import('./types.d.ts').Request} req
 * @param {string} cookieName
 */
function secretOf({ cookies }, cookieName) {
  const value = cookies[cookieName]
  return typeof value === 'string' && /^[\w-]{43}$/.test(value) ? value : undefined
}

/**
 * To where the response redirects.
 *
 * @param {import('./types.d.ts').Response} res
 * @param {Record<string, string>} parameters
 */
function addToLocation(res, parameters) {
  const { setHeader } = res
  res.setHeader = (name, value) => {
    if (name.toLowerCase() !== 'location') return setHeader.call(res, name, value)
    const url = new URL(String(value))
    for (const [key, text] of Object.entries(parameters)) url.searchParams.set(key, text)
    return setHeader.call(res, name, url.href)
  }
}

/** By the hook that passport-oauth2 has for more parameters of the request for a token. */
function sendVerifier() {
  if (sendsVerifier) return
  sendsVerifier = true
  const require = createRequire(import.meta.url)
  const { Strategy } = createRequire(require.resolve('wiki-security-passportjs'))('passport-oauth2')
  const { tokenParams } = Strategy.prototype
  /** @param {object} options */
  Strategy.prototype.tokenParams = function (options) {
    const verifier = verifierInUse.getStore()
    return { ...tokenParams.call(this, options), ...(verifier !== undefined && { code_verifier: verifier }) }
  }
}

/** @param {import('./types.d.ts').Response} res */
function refuse(res) {
  res.status(403).type('html')
    .send(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Not signed in</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em">
<p>You are not signed in: this sign-in was not begun in this browser, took too long, or was finished before.</p>
<p><a href="/auth/loginDialog">Sign in again</a></p></body></html>
`)
}
