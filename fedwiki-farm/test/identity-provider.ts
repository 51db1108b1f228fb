/** A real OpenID provider, whose members need no password: whoever a visitor says they are, they are. */
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { SignIn } from '../src/index.ts'
import type { Visitor } from './visitor.ts'

const resource = 'urn:wiki'
const clientId = 'wiki'
const clientSecret = 'the-secret-of-the-wiki-client'

export class IdentityProvider implements AsyncDisposable {
  readonly #server: Server
  readonly #issuer: string
  #handle: (req: IncomingMessage, res: ServerResponse) => Promise<void> = async (_req, res) => void res.end()

  static async start(): Promise<IdentityProvider> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new IdentityProvider(server)
  }

  private constructor(server: Server) {
    this.#server = server
    this.#issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (req, res) => void this.#handle(req, res))
  }

  get signIn(): SignIn {
    return {
      clientId,
      clientSecret,
      authorizationUrl: `${this.#issuer}/auth?scope=openid`,
      tokenUrl: `${this.#issuer}/token`,
      usernameField: 'token.preferred_username',
      displayNameField: 'token.name',
    }
  }

  /** For the wiki with this callback; until then nobody can sign in. */
  serve(callbackUrl: string): void {
    const provider = makeProvider(this.#issuer, callbackUrl)
    const callback = provider.callback()
    this.#handle = async (req, res) => {
      if (!req.url?.startsWith('/interaction/')) return callback(req, res)
      const member = /(?:^|; )member=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
      const result = member === undefined ? { error: 'access_denied' } : { login: { accountId: member } }
      await provider.interactionFinished(req, res, result)
    }
  }

  /** The visitor is this member to the provider from now on. */
  async know(visitor: Visitor, sub: string): Promise<void> {
    await visitor.keepCookie(`member=${sub}; Path=/`, this.#issuer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function makeProvider(issuer: string, callbackUrl: string): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [callbackUrl] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['the key of the provider'] },
    // passport-oauth2, as passportjs uses it, has none.
    pkce: { required: () => false },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    // Everybody has the same names: only the sub tells members apart.
    extraTokenClaims: () => ({ preferred_username: 'alice', name: 'Alice' }),
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'wiki', audience: resource, accessTokenFormat: 'jwt' }),
      },
    },
    async loadExistingGrant({ oidc }) {
      const accountId = oidc.session?.accountId
      if (accountId === undefined) return undefined
      const grant = new oidc.provider.Grant({ clientId, accountId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(resource, 'wiki')
      await grant.save()
      return grant
    },
  })
}
