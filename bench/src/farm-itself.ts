/** The peer: the farm's own FarmManager, asked as an operator with curl would. */
import { request } from 'undici'

export class FarmItself {
  readonly #url: string
  readonly #token: string
  readonly #adminHost: string

  constructor(url: string, token: string, adminHost = 'admin.wiki.localhost') {
    this.#url = `${url}/plugin/farmmanager/sites`
    this.#token = token
    this.#adminHost = adminHost
  }

  async create(domain: string): Promise<void> {
    const owner = { name: 'peer', oauth2: { id: 'peer', username: 'peer' } }
    await this.#ask('POST', '', { domain, owner }, 201)
  }

  async get(domain: string): Promise<void> {
    await this.#ask('GET', `/${domain}`, undefined, 200)
  }

  async list(): Promise<number> {
    return (JSON.parse(await this.#ask('GET', '', undefined, 200)) as unknown[]).length
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    expected: number,
  ): Promise<string> {
    const answer = await request(this.#url + path, {
      method,
      headers: {
        host: this.#adminHost,
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode !== expected)
      throw new Error(`the farm answered ${String(answer.statusCode)}: ${text}`)
    return text
  }
}
