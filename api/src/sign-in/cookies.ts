/** The two cookies: a browser's session, and what binds a sign-in under way to the browser that began it. */
import type { CookieSerializeOptions } from '@fastify/cookie'
import { sessionLife } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How long a sign-in may take at the provider. */
export const signInMs = 10 * 60_000

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

  browser({ cookies }: FastifyRequest): string | undefined {
    const value = cookies[this.#name('sign-in')]
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
  }

  setBrowser(reply: FastifyReply, value: string): void {
    void reply.setCookie(this.#name('sign-in'), value, { ...this.#attributes(), maxAge: signInMs / 1_000 })
  }

  /** With `__Host-` no other host and no plain connection can have set it; browsers take it over HTTPS only. */
  #name(what: 'session' | 'sign-in'): string {
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
