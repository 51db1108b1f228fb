/**
 * A real OpenID provider on loopback. Whoever a browser says they are, they are: in a form that people and Playwright
 * can fill in, or by a cookie `member=SUB` at the provider's address, which goes through without a form.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Provider, type ClientMetadata, type Configuration } from 'oidc-provider'

/** What the provider's own API would be for: a client with it as `resource` gets its access token as a JWT. */
const farmResource = 'urn:wiki'

export interface OidcProviderForTests extends AsyncDisposable {
  readonly issuer: string
  /** For these clients from now on; who was signed in is not any more. */
  serve(clients: readonly OidcClient[]): void
  /** Signs with another key from now on, and forgets the old one. */
  changeKeys(): void
  /** What it says of a member, beside the `sub`; without it, that they are called by their `sub`. */
  describe(sub: string, claims: Readonly<Record<string, unknown>>): void
  /** Answers nothing at all, until `comeBack`. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  /** Bodies of what it has told its clients itself, and not by a browser. */
  readonly told: readonly string[]
  /** Changes an answer of the token endpoint before it is sent; undefined: no more. */
  tamper(change: ((answer: Record<string, unknown>) => Record<string, unknown>) | undefined): void
}

export interface OidcClient {
  readonly id: string
  readonly secret?: string
  /**
   * As what it is registered; the server names others as well. With `client_secret_post` the other is refused here, as many
   * providers do; this one itself takes both.
   */
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post'
  readonly redirectUri: string
  readonly moreRedirectUris?: readonly string[]
  readonly postLogoutRedirectUri?: string
  /** Where it is told that a session has ended. */
  readonly backChannelLogoutUri?: string
  /** A Federated Wiki farm: no PKCE, and access tokens that say who somebody is. */
  readonly isFarm?: boolean
}

export async function startOidcProvider(clients: readonly OidcClient[] = []): Promise<OidcProviderForTests> {
  const members = new Map<string, Readonly<Record<string, unknown>>>()
  const told: string[] = []
  let handle: Handler = async (_req, res) => void res.end()
  let tampering: Parameters<OidcProviderForTests['tamper']>[0]
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((req, res) => {
      if (req.url === '/token' && isRefusedAsClient(req, served)) return refuseClient(res)
      if (tampering !== undefined && req.url === '/token') changeAnswer(res, tampering)
      handle(req, res).catch((error: unknown) => {
        res.writeHead(500).end(String(error))
      })
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let served = clients
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${String(port)}`
  const serve = (): void => {
    handle = handlerOf(new Provider(issuer, configurationFor(served, members, told)), members)
  }
  serve()
  const goAway = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    issuer,
    told,
    serve(clients) {
      served = clients
      serve()
    },
    changeKeys: serve,
    describe: (sub, claims) => void members.set(sub, claims),
    goAway,
    async comeBack() {
      server = await listen(port)
    },
    tamper(change) {
      tampering = change
    },
    [Symbol.asyncDispose]: () => (server.listening ? goAway() : Promise.resolve()),
  }
}

/** Stands in for a provider that takes the secret of such a client in the body only. */
function isRefusedAsClient({ headers }: IncomingMessage, clients: readonly OidcClient[]): boolean {
  const [, basic = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? []
  const [id] = Buffer.from(basic, 'base64').toString().split(':')
  return clients.some((client) => client.authMethod === 'client_secret_post' && client.id === id)
}

function refuseClient(res: ServerResponse): void {
  const error_description = 'this client is registered with client_secret_post'
  res
    .writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="clients"' })
    .end(JSON.stringify({ error: 'invalid_client', error_description }))
}

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>
type Members = ReadonlyMap<string, Readonly<Record<string, unknown>>>

function handlerOf(provider: Provider, members: Members): Handler {
  const callback = provider.callback()
  return async (req, res) => {
    if (req.url?.startsWith('/interaction/') !== true) return callback(req, res)
    const byCookie = /(?:^|; )member=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
    const filledIn = req.method === 'POST' ? new URLSearchParams(await text(req)) : undefined
    const sub = filledIn === undefined ? byCookie && decodeURIComponent(byCookie) : filledIn.get('sub')
    if (filledIn?.has('cancel') === true) {
      return provider.interactionFinished(req, res, { error: 'access_denied' })
    }
    if (sub != null && sub !== '') {
      return provider.interactionFinished(req, res, { login: { accountId: sub } })
    }
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(formFor([...members.keys()]))
  }
}

const formFor = (subs: readonly string[]): string => `<!doctype html>
<html lang="en"><title>Test provider</title><h1>Who are you?</h1>
<form method="post"><label>Subject <input name="sub" list="members" autofocus></label>
<datalist id="members">${subs.map((sub) => `<option value="${encodeURIComponent(sub)}">`).join('')}</datalist>
<button>Sign in</button> <button name="cancel" value="1">Cancel</button></form></html>`

function configurationFor(clients: readonly OidcClient[], members: Members, told: string[]): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const claimsOf = (sub: string) => members.get(sub) ?? { name: sub, preferred_username: sub }
  return {
    clients: clients.map(metadataOf),
    jwks: {
      keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }],
    },
    cookies: { keys: ['the key of the provider'] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    // passport-oauth2, as passportjs uses it on a farm, has none.
    pkce: { required: (_, { clientId }) => !clients.some(({ id, isFarm }) => id === clientId && isFarm) },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...claimsOf(sub), sub }) }),
    extraTokenClaims: (_, token) => ('accountId' in token ? claimsOf(token.accountId) : undefined),
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    // What it calls is on this machine, which it would refuse by itself.
    fetch(url, options = {}) {
      if (options.body instanceof URLSearchParams) told.push(options.body.toString())
      const plain = { ...options }
      delete plain.dispatcher
      return fetch(url, plain)
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        // Asked by a form that a test need not press: yes, there too.
        logoutSource: (context, form) => {
          const yes = form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>')
          context.body = `<!doctype html><title>Signing out</title>${yes}<script>document.forms[0].submit()</script>`
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, { clientId }) =>
          clients.some(({ id, isFarm }) => id === clientId && isFarm) ? farmResource : [],
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'wiki', audience: farmResource, accessTokenFormat: 'jwt' }),
      },
    },
    /** Nobody is asked whether a client may know them. */
    async loadExistingGrant({ oidc }) {
      const { session, client } = oidc
      if (session?.accountId === undefined || client === undefined) return undefined
      const before = session.grantIdFor(client.clientId)
      const known = before === undefined ? undefined : await oidc.provider.Grant.find(before)
      if (known !== undefined) return known
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile')
      grant.addResourceScope(farmResource, 'wiki')
      await grant.save()
      return grant
    },
  }
}

const metadataOf = ({
  id,
  secret,
  authMethod,
  redirectUri,
  moreRedirectUris = [],
  postLogoutRedirectUri,
  backChannelLogoutUri,
}: OidcClient): ClientMetadata => ({
  client_id: id,
  redirect_uris: [redirectUri, ...moreRedirectUris],
  ...(secret === undefined ? { token_endpoint_auth_method: 'none' } : { client_secret: secret }),
  ...(authMethod !== undefined && { token_endpoint_auth_method: authMethod }),
  ...(postLogoutRedirectUri !== undefined && { post_logout_redirect_uris: [postLogoutRedirectUri] }),
  ...(backChannelLogoutUri !== undefined && {
    backchannel_logout_uri: backChannelLogoutUri,
    backchannel_logout_session_required: true,
  }),
})

/** Lets the answer through another pair of hands, as a proxy between could. */
function changeAnswer(
  res: ServerResponse,
  change: (answer: Record<string, unknown>) => Record<string, unknown>,
): void {
  const end = res.end.bind(res)
  const changed = (chunk: unknown): ServerResponse => {
    const answer = JSON.parse(String(chunk)) as Record<string, unknown>
    const body = JSON.stringify(change(answer))
    res.setHeader('content-length', Buffer.byteLength(body))
    return end(body)
  }
  res.end = ((chunk: unknown) => (chunk === undefined ? end() : changed(chunk))) as typeof res.end
}
