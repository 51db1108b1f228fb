/**
 * How we prove to the provider who we are. What it says of itself is said of the server, not of this client: it may name two
 * ways and take one of them.
 */
import * as openid from 'openid-client'
import type { FastifyBaseLogger } from 'fastify'
import type { ProviderSettings } from '../deps.ts'

/** As OpenID calls them. */
type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post'

/** We, as the provider knows us. */
export class OurClient {
  readonly #settings: ProviderSettings
  readonly #prepare: (configuration: openid.Configuration) => void
  readonly #log: FastifyBaseLogger
  /** The way in which it took us for its client. */
  #worked: ClientAuthMethod | undefined
  #refused: string | undefined

  /** @param prepare does to a configuration what is done to each */
  constructor(
    settings: ProviderSettings,
    prepare: (configuration: openid.Configuration) => void,
    log: FastifyBaseLogger,
  ) {
    this.#settings = settings
    this.#prepare = prepare
    this.#log = log
  }

  /** What the provider said when it last did not take us for its client; undefined: it does. */
  get refused(): string | undefined {
    return this.#refused
  }

  /** Runs `act` with our secret; once more where it may have been wanted another way. */
  async ask<T>(found: openid.Configuration, act: (as: openid.Configuration) => Promise<T>): Promise<T> {
    const { issuer, clientSecret, clientAuth } = this.#settings
    const server = found.serverMetadata()
    const [first, second] = waysToAuthenticate(server, { set: clientAuth, worked: this.#worked })
    try {
      return await this.#askBy(first, server, act)
    } catch (error) {
      if (!isClientRefused(error)) throw error
      const said = await saidByProvider(error)
      const way = clientSecret === undefined ? 'none' : first
      this.#log.warn(
        { issuer, said, client_auth: way },
        'the sign-in provider does not take us for its client',
      )
      this.#refused = said ?? 'without a word'
      if (clientSecret === undefined || second === undefined) throw error
      return await this.#askBy(second, server, act)
    }
  }

  async #askBy<T>(
    method: ClientAuthMethod,
    server: openid.ServerMetadata,
    act: (as: openid.Configuration) => Promise<T>,
  ): Promise<T> {
    const { clientId, clientSecret } = this.#settings
    const authentication = clientAuthentication(clientSecret, method)
    const as = new openid.Configuration(server, clientId, undefined, authentication)
    this.#prepare(as)
    try {
      const result = await act(as)
      this.#take(method)
      return result
    } catch (error) {
      // Any other answer is to somebody whom it knows.
      if (error instanceof openid.ResponseBodyError && !isClientRefused(error) && error.status < 500) {
        this.#take(method)
      }
      throw error
    }
  }

  #take(method: ClientAuthMethod): void {
    this.#worked = method
    this.#refused = undefined
  }
}

/** The ways that may work, the likeliest first; none for a public client. */
function waysToAuthenticate(
  { token_endpoint_auth_methods_supported: named }: openid.ServerMetadata,
  {
    set,
    worked,
  }: { readonly set?: ClientAuthMethod | undefined; readonly worked?: ClientAuthMethod | undefined },
): readonly [ClientAuthMethod, ...ClientAuthMethod[]] {
  if (set !== undefined) return [set]
  // Where it names none, OpenID has this one by default.
  const usual = (named ?? ['client_secret_basic']).includes('client_secret_basic')
  const first = worked ?? (usual ? 'client_secret_basic' : 'client_secret_post')
  const other = first === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic'
  return (named ?? [other]).includes(other) ? [first, other] : [first]
}

function clientAuthentication(secret: string | undefined, method: ClientAuthMethod): openid.ClientAuth {
  if (secret === undefined) return openid.None()
  return method === 'client_secret_basic' ? openid.ClientSecretBasic(secret) : openid.ClientSecretPost(secret)
}

/** Whether the provider did not take us for its client. Two of its errors are about who came back. */
export function isClientRefused(error: unknown): boolean {
  if (error instanceof openid.WWWAuthenticateChallengeError) return error.status === 401
  if (!(error instanceof openid.ResponseBodyError) || error.status >= 500) return false
  return !['invalid_grant', 'access_denied'].includes(error.error)
}

/** Errors in a browser's address that are the registration's or the settings', and no member's. */
export const operatorsErrors: ReadonlySet<string> = new Set([
  ...[
    'invalid_request',
    'unauthorized_client',
    'unsupported_response_type',
    'invalid_scope',
    'invalid_client',
  ],
  ...['server_error', 'temporarily_unavailable', 'registration_not_supported', 'request_not_supported'],
])

/** What the provider itself said: its error, and its description of that; undefined where it said nothing. */
export async function saidByProvider(error: unknown): Promise<string | undefined> {
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError) {
    return inOneLine([error.error, error.error_description])
  }
  if (!(error instanceof openid.WWWAuthenticateChallengeError)) return undefined
  const body = await bodyOf(error.response)
  const [challenge] = error.cause
  const { error: word, error_description: words } = { ...challenge?.parameters, ...body }
  return inOneLine([word, words]) ?? `HTTP ${String(error.status)}`
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = response.bodyUsed ? undefined : await response.json()
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

function inOneLine(words: readonly unknown[]): string | undefined {
  const said = words.filter((word) => typeof word === 'string' && word !== '').join(': ')
  return said === '' ? undefined : said.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 300)
}
