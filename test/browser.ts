/** A browser as far as an API in process can tell: it keeps cookies, and sends what our own pages send. */
import { CookieJar } from 'tough-cookie'
import type { ApiAnswer, ApiUnderTest } from './api-under-test.ts'

type Method = Parameters<ApiUnderTest['ask']>[0]

export class Browser {
  readonly #api: ApiUnderTest
  readonly #origin: string
  readonly #cookies = new CookieJar()

  constructor(api: ApiUnderTest, origin: string) {
    this.#api = api
    this.#origin = origin
  }

  /** As it is: nothing but the cookies is added. */
  async ask(
    method: Method,
    path: string,
    {
      headers = {},
      body,
    }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown } = {},
  ): Promise<ApiAnswer> {
    const cookie = await this.#cookies.getCookieString(this.#origin + path)
    const answer = await this.#api.ask(method, path, {
      headers: { ...(cookie !== '' && { cookie }), ...headers },
      ...(body !== undefined && { body }),
    })
    for (const set of [answer.headers['set-cookie'] ?? []].flat() as string[]) {
      await this.#cookies.setCookie(set, this.#origin + path)
    }
    return answer
  }

  /** Like a page load: redirects are followed, also to a provider and back. */
  async open(to: string): Promise<Page> {
    let url = new URL(to, this.#origin)
    for (let hops = 0; hops < 20; hops += 1) {
      const page = url.origin === this.#origin ? await this.#openHere(url) : await this.send(url.href)
      if (page.location === undefined) return page
      url = new URL(page.location, url)
    }
    throw new Error(`${to} leads on and on`)
  }

  /** To another server than the API: over the network. */
  async send(url: string, { method = 'GET', form }: { method?: string; form?: Record<string, string> } = {}) {
    const answer = await fetch(url, {
      ...{ method, redirect: 'manual', headers: { cookie: await this.#cookies.getCookieString(url) } },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    })
    for (const set of answer.headers.getSetCookie()) await this.#cookies.setCookie(set, url)
    return pageOf(url, answer.status, answer.headers.get('location'), await answer.text())
  }

  async #openHere(url: URL): Promise<Page> {
    const answer = await this.ask('GET', url.pathname + url.search, { headers: { accept: 'text/html' } })
    return pageOf(url.href, answer.status, answer.headers['location'], answer.text)
  }

  /** As a page of ours does: with the session's token. */
  async act(method: Method, path: string, body?: unknown): Promise<ApiAnswer> {
    const { csrf_token: token } = (await this.ask('GET', '/v1/session')).body
    return this.ask(method, path, {
      headers: { 'x-csrf-token': String(token), 'sec-fetch-site': 'same-origin' },
      ...(body !== undefined && { body }),
    })
  }

  /** The name of who is signed in here. */
  async who(): Promise<string | undefined> {
    const { user } = (await this.ask('GET', '/v1/session')).body as { user: { name: string } | null }
    return user?.name
  }

  /** What it keeps now, by name. */
  async cookies(): Promise<Record<string, string>> {
    const kept = await this.#cookies.getCookies(this.#origin)
    return Object.fromEntries(kept.map(({ key, value }) => [key, value]))
  }

  /** As somebody would who could write into it. */
  async keep(cookie: string, url = this.#origin): Promise<void> {
    await this.#cookies.setCookie(cookie, url)
  }
}

export interface Page {
  readonly url: string
  readonly status: number
  readonly text: string
  /** Where it leads on to. */
  readonly location?: string
}

function pageOf(url: string, status: number, location: unknown, text: string): Page {
  return { url, status, text, ...(typeof location === 'string' && { location }) }
}
