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
  async keep(cookie: string): Promise<void> {
    await this.#cookies.setCookie(cookie, this.#origin)
  }
}
