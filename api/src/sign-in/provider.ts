/**
 * The OpenID provider. What it says of itself is asked anew for each sign-in, so that neither a provider that was down
 * nor keys that it has changed are remembered.
 */
import { Refusal } from '@wikistead/contracts'
import * as openid from 'openid-client'
import { sessionLife } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import type { HealthPart, ProviderSettings } from '../deps.ts'
import { nameFrom, provenAgoMs, sessionOf } from './claims.ts'
import { isClientRefused, operatorsErrors, OurClient, saidByProvider } from './client-authentication.ts'

/** What must be the same when the browser comes back. */
export interface Checks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface SignedInThere {
  /** The `sub`. */
  readonly subject: string
  readonly idToken: string
  /** The `sid`: its session, for when it says that this has ended. */
  readonly session: string | undefined
  /** How long ago they showed who they are, in milliseconds; undefined: it does not say. */
  readonly provenAgoMs: number | undefined
  /** Asks the provider for it where the sign-in did not tell. */
  readonly name: () => Promise<string | undefined>
}

const answerWithinSeconds = 5

/** Since somebody showed the provider who they are, at an ordinary sign-in: as long as a session lasts here. */
const longestSinceMs = sessionLife.wholeMs

export class Provider {
  readonly #settings: ProviderSettings
  readonly #log: FastifyBaseLogger
  readonly #redirectUri: () => string
  readonly #client: OurClient

  constructor(settings: ProviderSettings, publicUrl: () => string, log: FastifyBaseLogger) {
    this.#settings = settings
    this.#log = log
    this.#redirectUri = () => `${publicUrl()}/auth/callback`
    this.#client = new OurClient(settings, (configuration) => this.#prepare(configuration), log)
  }

  get issuer(): string {
    return this.#settings.issuer
  }

  /** As what it knows us. */
  get audience(): string {
    return this.#settings.clientId
  }

  /** Where its keys are. @throws Refusal `sign_in_unavailable` */
  async keysAddress(): Promise<string> {
    const { jwks_uri: address } = (await this.#discover()).serverMetadata()
    if (address === undefined) throw unavailable()
    return address
  }

  makesAdmin(subject: string): boolean {
    return this.#settings.adminSubjects.includes(subject)
  }

  newChecks(): Checks {
    return {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    }
  }

  /**
   * Where the browser goes; `againMs`: also who is signed in there has to sign in, and the provider must say that this was
   * no longer ago than that. @throws Refusal `sign_in_unavailable`
   */
  async authorizationUrl({ state, nonce, verifier }: Checks, againMs: number | undefined): Promise<string> {
    return openid.buildAuthorizationUrl(await this.#discover(), {
      ...{ redirect_uri: this.#redirectUri(), scope: this.#settings.scopes, state, nonce },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(againMs !== undefined && { prompt: 'login' }),
      // Whoever is asked for one tells when somebody showed who they are.
      max_age: String(Math.ceil((againMs ?? longestSinceMs) / 1_000)),
    }).href
  }

  /**
   * Who came back, by the query of the callback. @throws Refusal `sign_in_failed`, `sign_in_unavailable`
   */
  async finish(search: string, { state, nonce, verifier }: Checks): Promise<SignedInThere> {
    const configuration = await this.#discover()
    const url = new URL(this.#redirectUri() + search)
    try {
      const tokens = await this.#client.ask(configuration, (as) =>
        openid.authorizationCodeGrant(as, url, {
          ...{
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
            idTokenExpected: true,
          },
        }),
      )
      const claims = tokens.claims()
      const subject = claims?.sub ?? ''
      // As long as OpenID allows, and as our columns are.
      if (claims === undefined || !/^[\x20-\x7E]{1,255}$/.test(subject)) throw new UnusableSubject()
      return {
        ...{ subject, idToken: tokens.id_token ?? '', session: sessionOf(claims) },
        provenAgoMs: provenAgoMs(claims),
        name: async () =>
          nameFrom(claims) ?? (await this.#nameAt(configuration, tokens.access_token, subject)),
      }
    } catch (error) {
      throw await this.#refusal(error)
    }
  }

  /** Where a browser signs out there too; null where the provider offers no such thing, or cannot be asked. */
  async signOutUrl(idToken: string, returnUrl: string): Promise<string | null> {
    try {
      const configuration = await this.#discover()
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null
      return openid.buildEndSessionUrl(configuration, {
        ...{ id_token_hint: idToken, post_logout_redirect_uri: returnUrl },
      }).href
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  async health(): Promise<HealthPart> {
    try {
      await this.#ask()
    } catch (error) {
      return this.#broken(told(error).reason, 'Start the provider, or mend oidc-issuer')
    }
    return this.#client.refused === undefined
      ? { part, ok: true, detail: this.#settings.issuer }
      : this.#broken(`it does not take us for its client (${this.#client.refused})`, mendClient)
  }

  /** Its health, and whether it takes us for its client: it is shown a code that it never gave. */
  async examine(): Promise<HealthPart> {
    const found = await this.health()
    if (!found.ok) return found
    const configuration = await this.#ask()
    try {
      await this.#client.ask(configuration, (as) =>
        openid.genericGrantRequest(as, 'authorization_code', {
          ...{ code: openid.randomState(), redirect_uri: this.#redirectUri() },
          code_verifier: openid.randomPKCECodeVerifier(),
        }),
      )
    } catch (error) {
      // Whoever is told that the code is wrong was let in with it.
      if (isClientRefused(error)) return this.health()
    }
    return found
  }

  #broken(reason: string, mend: string): HealthPart {
    return {
      ...{ part, ok: false, detail: `${this.#settings.issuer}: ${reason}` },
      mend: `${mend}. Nobody can sign in until then; who is signed in stays so.`,
    }
  }

  async #discover(): Promise<openid.Configuration> {
    try {
      return await this.#ask()
    } catch (error) {
      this.#log.warn(
        { issuer: this.#settings.issuer, ...told(error) },
        'the sign-in provider is not what it must be',
      )
      throw unavailable()
    }
  }

  /** What it says of itself. */
  async #ask(): Promise<openid.Configuration> {
    const { issuer, clientId } = this.#settings
    const configuration = await openid.discovery(new URL(issuer), clientId, undefined, openid.None(), {
      timeout: answerWithinSeconds,
      execute: this.#extensions(),
    })
    const named = configuration.serverMetadata().issuer
    // Identities are known by it to the last slash.
    if (named !== issuer) throw new Error(`it calls itself ${named}: write oidc-issuer like that`)
    return configuration
  }

  #prepare(configuration: openid.Configuration): void {
    configuration.timeout = answerWithinSeconds
    for (const extend of this.#extensions()) extend(configuration)
  }

  /** The library looks for them by name where it asks before there is a configuration. */
  #extensions(): ((configuration: openid.Configuration) => void)[] {
    return [
      // The settings take plain HTTP on this machine only.
      ...(this.#settings.issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
      // The signature of what it says, too: so that no proxy between can say who somebody is.
      openid.enableNonRepudiationChecks,
    ]
  }

  async #nameAt(configuration: openid.Configuration, accessToken: string, subject: string) {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return undefined
    try {
      return nameFrom(await openid.fetchUserInfo(configuration, accessToken, subject))
    } catch (error) {
      this.#log.warn(told(error), 'the sign-in provider does not tell the name of a new user')
      return undefined
    }
  }

  async #refusal(error: unknown): Promise<Refusal> {
    const { code } = told(error)
    this.#log.warn(
      { ...told(error), said: await saidByProvider(error) },
      'a sign-in failed at the provider, or in what it said',
    )
    if (error instanceof openid.AuthorizationResponseError) {
      if (operatorsErrors.has(error.error)) return unavailable()
      return new Refusal(
        'sign_in_failed',
        error.error === 'access_denied'
          ? 'The sign-in was cancelled, or the provider does not let you in here.'
          : 'The provider could not sign you in. Try again.',
        { reason: error.error },
      )
    }
    const isAway =
      isClientRefused(error) ||
      (error instanceof openid.ResponseBodyError && error.status >= 500) ||
      code === 'OAUTH_TIMEOUT' ||
      (error instanceof TypeError && code === undefined)
    return isAway
      ? unavailable()
      : new Refusal('sign_in_failed', 'What the provider said of you cannot be trusted. Try again.')
  }
}

const part = 'sign-in provider'

const mendClient =
  'Compare oidc-client-id and oidc-client-secret with what the provider has, and set oidc-client-auth to the way that it has for this client'

class UnusableSubject extends Error {
  override readonly message = 'the provider names a subject that is empty, too long or not ASCII'
}

const unavailable = (): Refusal =>
  new Refusal(
    'sign_in_unavailable',
    'Signing in does not work at the moment, and that is not your fault. Try again in a minute; an operator sees why.',
  )

export const signInOff = (): Refusal =>
  new Refusal(
    'sign_in_off',
    'This installation has no sign-in provider. `wikistead sign-in-link` prints a link that signs its admin in.',
  )

/** What may stand in a log: never what the provider said of a person. */
function told(error: unknown): { readonly reason: string; readonly code: string | undefined } {
  if (!(error instanceof Error)) return { reason: 'unknown', code: undefined }
  const { code, error: answered } = error as { readonly code?: unknown; readonly error?: unknown }
  const words = [error.message, answered, (error.cause as Error | undefined)?.message]
  return {
    reason: words.filter((word) => typeof word === 'string').join(': '),
    code: typeof code === 'string' ? code : undefined,
  }
}
