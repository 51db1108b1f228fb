/** Somebody with a browser of their own: cookies kept for each host, requests sent to the front with the right Host. */
import { CookieJar } from 'tough-cookie'
import { request } from 'undici'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export class Visitor {
  readonly #port: number
  readonly #cookies = new CookieJar()

  constructor(port: number) {
    this.#port = port
  }

  async get(host: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask(host, path, { headers })
  }

  async post(host: string, path: string, body: URLSearchParams | FormData): Promise<Answer> {
    const encoded = new Response(body)
    const bytes = Buffer.from(await encoded.arrayBuffer())
    const type = encoded.headers.get('content-type') ?? ''
    return this.#ask(host, path, { method: 'POST', body: bytes, headers: { 'content-type': type } })
  }

  async postJson(
    host: string,
    path: string,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const bytes = Buffer.from(JSON.stringify(body))
    return this.#ask(host, path, {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  /** What this browser would send to the address. */
  cookies(host: string): Promise<string> {
    return this.#cookies.getCookieString(`http://${host}/`)
  }

  /** One call of api.php, by POST. */
  async api(host: string, values: Readonly<Record<string, string>>): Promise<Json> {
    const form = new URLSearchParams({ format: 'json', formatversion: '2', ...values })
    const { text } = await this.post(host, '/api.php', form)
    return JSON.parse(text) as Json
  }

  async token(host: string, type: 'csrf' | 'login' | 'createaccount'): Promise<string> {
    const answer = await this.api(host, { action: 'query', meta: 'tokens', type })
    const { query } = answer as { query?: { tokens?: Record<string, string> } }
    return query?.tokens?.[`${type}token`] ?? ''
  }

  async signUp(host: string, username: string, password: string): Promise<Json> {
    return this.api(host, {
      action: 'createaccount',
      createreturnurl: `http://${host}/`,
      createtoken: await this.token(host, 'createaccount'),
      username,
      password,
      retype: password,
    })
  }

  async signIn(host: string, username: string, password: string): Promise<Json> {
    return this.api(host, {
      action: 'clientlogin',
      loginreturnurl: `http://${host}/`,
      logintoken: await this.token(host, 'login'),
      username,
      password,
    })
  }

  async edit(host: string, title: string, text: string): Promise<Json> {
    return this.api(host, { action: 'edit', title, text, token: await this.token(host, 'csrf') })
  }

  async #ask(
    host: string,
    path: string,
    options: { method?: 'POST'; body?: Buffer; headers: Readonly<Record<string, string>> },
  ): Promise<Answer> {
    const address = `http://${host}${path}`
    const cookie = await this.#cookies.getCookieString(address)
    const { statusCode, headers, body } = await request(`http://127.0.0.1:${this.#port}${path}`, {
      method: options.method ?? 'GET',
      body: options.body ?? null,
      headers: { ...options.headers, host, ...(cookie !== '' && { cookie }) },
    })
    for (const set of [headers['set-cookie'] ?? []].flat()) await this.#cookies.setCookie(set, address)
    return { status: statusCode, headers, text: await body.text() }
  }
}

/** An answer of MediaWiki's API: tests look into it, and `expect` says what is missing. */
export interface Json {
  readonly [name: string]: Json | undefined
}
