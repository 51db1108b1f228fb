/** A browser as far as a farm can tell: it keeps cookies and follows redirects; every host name leads to loopback. */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { CookieJar } from 'tough-cookie'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Where the redirects led. */
  readonly url: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** What the browser says of the page that asks; default what it says of a page of the site itself. */
  readonly from?: Readonly<Record<string, string>>
}

export class Visitor {
  readonly #cookies = new CookieJar()

  async ask(url: string, { method = 'GET', headers = {}, body, from }: Ask = {}): Promise<Answer> {
    const { host, hostname, port, pathname, origin } = new URL(url)
    // As given: a URL object would resolve `..`.
    const path = url.slice(origin.length) || '/'
    const isSafe = method === 'GET' || method === 'HEAD'
    const cookie = await this.#cookies.getCookieString(url)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const outgoing = request(
      {
        ...{ host: '127.0.0.1', port, method, path, agent: false },
        headers: {
          ...(from ?? (isSafe ? {} : { origin, 'sec-fetch-site': 'same-origin' })),
          ...{ ...headers, host, ...(cookie !== '' && { cookie }) },
        },
      },
      (answer) => {
        const { statusCode: status = 0, headers } = answer
        text(answer).then((read) => resolve({ status, headers, body: read, url }), reject)
      },
    )
    outgoing.on('error', reject).end(body)
    const answer = await promise
    for (const set of answer.headers['set-cookie'] ?? []) {
      await this.#cookies.setCookie(set, `http://${hostname}:${port}${pathname}`)
    }
    return answer
  }

  /** Like a page load: redirects are followed. */
  async open(url: string): Promise<Answer> {
    let answer = await this.ask(url)
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 20; hops++) {
      const { location } = answer.headers
      answer = await this.ask(new URL(String(location), answer.url).href)
    }
    return answer
  }

  async keepCookie(cookie: string, url: string): Promise<void> {
    await this.#cookies.setCookie(cookie, url)
  }

  /** The same person with their session on another site, as cookies of a common domain or copied ones give. */
  async movedTo(site: string): Promise<Visitor> {
    const moved = new Visitor()
    const { cookies = [] } = (await this.#cookies.serialize()) ?? {}
    for (const { key, value } of cookies) await moved.#cookies.setCookie(`${key}=${value}; Path=/`, site)
    return moved
  }

  /** What the wiki's browser client sends for each edit. */
  async act(site: string, slug: string, action: object): Promise<Answer> {
    return this.ask(`${site}/page/${slug}/action`, {
      method: 'PUT',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      body: new URLSearchParams({ action: JSON.stringify(action) }).toString(),
    })
  }

  /** Makes a page with one paragraph; the status of the first refusal, else 200. */
  async writePage(site: string, slug: string, words: string): Promise<number> {
    const date = Date.now()
    const created = await this.act(site, slug, { type: 'create', item: { title: slug, story: [] }, date })
    if (created.status !== 200) return created.status
    const item = { type: 'paragraph', id: 'first', text: words }
    const added = await this.act(site, slug, { type: 'add', item, id: item.id, date })
    return added.status
  }
}
