/** Our own OpenID provider in this process: over the store, with the key that this one signs with now. */
import { createHash } from 'node:crypto'
import { isStoreAway, type Store } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import { Provider as OpenidProvider, type JWK } from 'oidc-provider'
import type { FedWikiRules } from '../deps.ts'
import { isOfSites } from './client-metadata.ts'
import { siteOf } from './farm-sites.ts'
import { openidPath, providerConfiguration } from './provider-configuration.ts'
import { currentContext } from './request-context.ts'
import { SigningKeys } from './signing-keys.ts'

interface Parts {
  readonly store: Store
  readonly sealingKey: string
  readonly publicUrl: () => string
  readonly fedwiki: Pick<FedWikiRules, 'siteUrl'> | undefined
  readonly logger: FastifyBaseLogger
}

/** From one look at the keys to the next. */
const lookEveryMs = 30_000

export class OwnProvider {
  readonly keys: SigningKeys
  readonly #parts: Parts
  #made: Promise<{ readonly provider: OpenidProvider; readonly kid: string }> | undefined
  #lookedAt = -Infinity

  constructor(parts: Parts) {
    this.#parts = parts
    this.keys = new SigningKeys(parts.store, parts.sealingKey)
  }

  /** As it names itself; clients find everything from there. */
  get issuer(): string {
    return `${this.#parts.publicUrl()}${openidPath}`
  }

  /** Looks after the keys also while nobody signs in. */
  watch(): Disposable {
    const timer = setInterval(() => {
      this.current().catch((error: unknown) => {
        this.#parts.logger.warn({ err: error }, 'the keys of the OpenID provider could not be looked at')
      })
    }, lookEveryMs).unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  /** With the key of now. @throws StoreUnavailable and its like */
  async current(): Promise<OpenidProvider> {
    const now = performance.now()
    if (this.#made === undefined || now - this.#lookedAt > lookEveryMs) {
      this.#lookedAt = now
      const before = this.#made
      const next = this.#remade(before)
      this.#made = next
      // What failed is tried again at the next request.
      next.catch(() => {
        if (this.#made !== next) return
        this.#made = before
        this.#lookedAt = -Infinity
      })
    }
    return (await this.#made).provider
  }

  async #remade(before: Promise<{ readonly provider: OpenidProvider; readonly kid: string }> | undefined) {
    const key = await this.keys.signing()
    const made = await before
    if (made !== undefined && made.kid === key.kid) return made
    return { provider: this.#make(key), kid: key.kid ?? '' }
  }

  #make(key: JWK): OpenidProvider {
    const { store, publicUrl, fedwiki, logger } = this.#parts
    const isSecure = publicUrl().startsWith('https:')
    const provider = new OpenidProvider(
      this.issuer,
      providerConfiguration({ store, key, isSecure, errorPage: errorPage(publicUrl()) }),
    )
    // Of what we write into the request ourselves.
    provider.proxy = true
    provider.silent = true
    const { Client } = provider
    // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with its own client below
    const { redirectUriAllowed, compareClientSecret } = Client.prototype
    Client.prototype.redirectUriAllowed = function (address) {
      if (!isOfSites(this.redirectUris)) return redirectUriAllowed.call(this, address)
      return fedwiki !== undefined && siteOf(address, fedwiki) !== undefined
    }
    Client.prototype.compareClientSecret = function (actual) {
      return compareClientSecret.call(this, createHash('sha256').update(actual).digest('hex'))
    }
    provider.on('authorization.success', ({ oidc }) => {
      const context = currentContext()
      const { client, session } = oidc
      if (context === undefined || client === undefined || session?.accountId === undefined) return
      context.signedIn = { clientId: client.clientId, subject: session.accountId }
    })
    const refused = (_context: unknown, error: Error): void => {
      const context = currentContext()
      if (context !== undefined) context.refused = error.message
    }
    provider.on('authorization.error', refused)
    provider.on('grant.error', refused)
    provider.on('server_error', (_context, error) => {
      refused(undefined, error)
      logger.error({ err: error }, 'fault of the OpenID provider')
    })
    return provider
  }
}

/** Of the console, which says it in the reader's language. */
const errorPage = (publicUrl: string) => (error: unknown) => {
  const isOurs = typeof error === 'object' && error !== null && !('expose' in error && error.expose === true)
  const code = isStoreAway(error) ? 'store_unavailable' : isOurs ? 'fault' : 'openid_request_invalid'
  return `${publicUrl}/sign-in?error=${code}`
}
