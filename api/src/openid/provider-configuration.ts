/** Our own OpenID provider as `oidc-provider` is told of it: one flow, the code with PKCE, and nothing that is not needed. */
import type { Store, UserRow } from '@wikistead/store'
import { interactionPolicy, type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider'
import { isOfSites, withoutPkce } from './client-metadata.ts'
import { StoredRows } from './stored-rows.ts'

/** What an access token of the FedWiki farm is for: it says who somebody is, and opens nothing. */
const sitesResource = 'urn:wikistead:sites'

/** Under the address of this installation. */
export const openidPath = '/openid'

interface Parts {
  readonly store: Store
  readonly key: JWK
  readonly isSecure: boolean
  /** Where browsers are told what went wrong. */
  readonly errorPage: (error: unknown) => string
}

export function providerConfiguration({ store, key, isSecure, errorPage }: Parts): Configuration {
  const policy = interactionPolicy.base()
  // Clients are made by admins of the farm, whom its members trust with more.
  policy.remove('consent')
  const cookie = { path: openidPath, httpOnly: true, sameSite: 'lax', secure: isSecure } as const
  return {
    adapter: (kind: string) => new StoredRows(store, kind),
    jwks: { keys: [key] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    // Who asks for an id token alone learns the name as well.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    subjectTypes: ['public'],
    // Nothing that a client says is an address to be asked.
    fetch: () => Promise.reject(new Error('our own provider asks nobody')),
    pkce: { required: (_context, client) => client[withoutPkce] !== true },
    extraClientMetadata: { properties: [withoutPkce] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    ttl: {
      ...{ AuthorizationCode: 60, AccessToken: 300, IdToken: 300, Interaction: 600 },
      ...{ Grant: 86_400, Session: 86_400 },
    },
    cookies: {
      // Its values are secrets that nobody can guess, and lead to rows: there is nothing to sign.
      names: {
        session: 'wikistead-openid',
        interaction: 'wikistead-openid-interaction',
        resume: 'wikistead-openid-resume',
      },
      long: cookie,
      short: { httpOnly: true, sameSite: 'lax', secure: isSecure },
    },
    routes: {
      ...{ authorization: '/authorize', token: '/token', jwks: '/jwks', userinfo: '/userinfo' },
    },
    findAccount: async (_context, subject) => {
      const user = await store.users.byOwnSubject(subject)
      if (user === undefined || user.blocked_at !== null) return undefined
      return { accountId: subject, claims: () => ({ sub: subject, ...claimsOf(user) }) }
    },
    async extraTokenClaims(_context, token) {
      if (!('accountId' in token) || token.accountId === undefined) return undefined
      const user = await store.users.byOwnSubject(token.accountId)
      return user && claimsOf(user)
    },
    loadExistingGrant,
    interactions: { policy, url: (_context, { uid }) => `${openidPath}/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, client) => (isOfSites(client.redirectUris) ? sitesResource : []),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          ...{ scope: '', audience: sitesResource, accessTokenFormat: 'jwt' },
          ...{ accessTokenTTL: 300, jwt: { sign: { alg: 'RS256' } } },
        }),
      },
    },
    renderError(context, _out, error) {
      context.status = 303
      context.redirect(errorPage(error))
    },
  }
}

const claimsOf = ({ name }: UserRow) => ({ name, preferred_username: name })

/** Nobody is asked whether a client may know them. */
async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const { session, client } = oidc
  if (session?.accountId === undefined || client === undefined) return undefined
  const before = session.grantIdFor(client.clientId)
  const known = before === undefined ? undefined : await oidc.provider.Grant.find(before)
  if (known !== undefined && known.accountId === session.accountId) return known
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid profile')
  await grant.save()
  return grant
}
