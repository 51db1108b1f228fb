/** The cookies: a browser's session, what binds a sign-in under way to the browser that began it, and that it is known. */
import type { CookieSerializeOptions } from '@fastify/cookie'
import { sessionLife } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How long a sign-in may take at the provider. */
export const signInMs = 10 * 60_000

/** How long a browser is known in which somebody signed in to their account. */
export const knownBrowserMs = 180 * 86_400_000

export class Cookies {
  readonly #publicUrl: () => string

  constructor(publicUrl: () => string) {
    this.#publicUrl = publicUrl
  }

  session({ cookies }: FastifyRequest): string | undefined {
    return cookies[this.#name('session')]
  }

  setSession(reply: FastifyReply, value: string): void {
    const maxAge = sessionLife.wholeMs / 1_000
    void reply.setCookie(this.#name('session'), value, { ...this.#attributes(), maxAge })
  }

  clearSession(reply: FastifyReply): void {
    void reply.clearCookie(this.#name('session'), this.#attributes())
  }

  browser(request: FastifyRequest): string | undefined {
    return this.#random(request, 'sign-in')
  }

  knownBrowser(request: FastifyRequest): string | undefined {
    return this.#random(request, 'known')
  }

  setKnownBrowser(reply: FastifyReply, value: string): void {
    void reply.setCookie(this.#name('known'), value, {
      ...this.#attributes(),
      maxAge: knownBrowserMs / 1_000,
    })
  }

  setBrowser(reply: FastifyReply, value: string): void {
    void reply.setCookie(this.#name('sign-in'), value, { ...this.#attributes(), maxAge: signInMs / 1_000 })
  }

  #random({ cookies }: FastifyRequest, what: 'sign-in' | 'known'): string | undefined {
    const value = cookies[this.#name(what)]
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
  }

  /** With `__Host-` no other host and no plain connection can have set it; browsers take it over HTTPS only. */
  #name(what: 'session' | 'sign-in' | 'known'): string {
    return `${this.#isSecure() ? '__Host-' : ''}wikistead-${what}`
  }

  /** Lax, and not Strict: whoever comes from the provider, or by a link, is signed in. */
  #attributes(): CookieSerializeOptions {
    return { path: '/', httpOnly: true, sameSite: 'lax', secure: this.#isSecure() }
  }

  #isSecure(): boolean {
    return this.#publicUrl().startsWith('https:')
  }
}
