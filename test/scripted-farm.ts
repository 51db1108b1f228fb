/**
 * Stands in for a farm where a real one cannot be made to misbehave: a small FarmManager that keeps its sites in
 * memory and does, request by request, whatever trouble the test scripted. Tests that use it say "scripted farm".
 */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ScriptedSite {
  owner: Readonly<Record<string, unknown>>
  status: string
  readonly pages: number
}

export interface FarmRequest {
  readonly method: string
  /** Of the site that it is about; '' for the list. */
  readonly domain: string
  /** Milliseconds, monotonic. */
  readonly at: number
}

/** How a request is answered instead of properly; nothing at all when it leaves the response alone. */
export type Trouble = (response: ServerResponse) => void

export interface Script {
  readonly method?: string
  readonly domain?: string
  readonly trouble: Trouble
  /** After so many requests the farm is well again; without it only `heal` ends it. */
  readonly times?: number
  /** The farm does what it was asked, and only its answer goes wrong. */
  readonly acts?: boolean
}

export interface ScriptedFarm extends AsyncDisposable {
  readonly url: string
  /** Domain → site. */
  readonly sites: Map<string, ScriptedSite>
  /** In order, without those that only open the admin host. */
  readonly requests: FarmRequest[]
  /** How often the list was asked for. */
  readonly lists: number
  script(script: Script): void
  /** Forgets the scripts, of one domain or of all. */
  heal(domain?: string): void
  /** Nothing listens any more, and every connection breaks. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Trouble =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    response.end(JSON.stringify(body))
  }

export const page =
  (status: number): Trouble =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
    response.end('<!DOCTYPE html><title>Nginx</title><p>Not what you wanted')
  }

/** The length promises more than comes before the connection breaks. */
export const halfABody: Trouble = (response) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': '500' })
  response.write('{"name":"half', () => response.destroy())
}

/** The connection stands, and nothing comes. */
export const silence: Trouble = () => undefined

export const hangUp: Trouble = (response) => {
  response.destroy()
}

export async function startScriptedFarm(): Promise<ScriptedFarm> {
  const farm = new MemoryFarm()
  await farm.comeBack()
  return farm
}

const sitesPath = '/plugin/farmmanager/sites'
const ownersPath = '/auth/wikistead/owners/'

interface Ask {
  readonly method: string
  readonly domain: string
  readonly hard: boolean
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

class MemoryFarm implements ScriptedFarm {
  readonly sites = new Map<string, ScriptedSite>()
  readonly requests: FarmRequest[] = []
  #scripts: (Script & { left: number })[] = []
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`
  }

  get lists(): number {
    return this.requests.filter(({ method, domain }) => method === 'GET' && domain === '').length
  }

  script(script: Script): void {
    this.#scripts.push({ ...script, left: script.times ?? Infinity })
  }

  heal(domain?: string): void {
    this.#scripts = this.#scripts.filter((script) => domain !== undefined && script.domain !== domain)
  }

  async comeBack(): Promise<void> {
    const server = createServer((request, response) => {
      void text(request)
        .catch(() => undefined)
        .then((body) => {
          if (body !== undefined) this.#take(asked(request.method, request.url, body), response)
        })
    })
    this.#server = server
    await once(server.listen(this.#port, '127.0.0.1'), 'listening')
    this.#port = (server.address() as AddressInfo).port
  }

  async goAway(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway()
  }

  #take(ask: Ask, response: ServerResponse): void {
    const { method, domain } = ask
    // Nobody's site: the client asks for it to see whether FarmManager is there.
    if (domain.startsWith('admin.')) return json(404, noSuchSite)(response)
    this.requests.push({ method, domain, at: performance.now() })
    const script = this.#scripts.find(
      (script) =>
        script.left > 0 && (script.method ?? method) === method && (script.domain ?? domain) === domain,
    )
    if (script === undefined) return this.#act(ask)(response)
    script.left -= 1
    if (script.acts === true) this.#act(ask)
    script.trouble(response)
  }

  /** What FarmManager and our security package do. */
  #act({ method, domain, hard, path, body }: Ask): Trouble {
    const site = this.sites.get(domain)
    if (path === '/auth/wikistead') return json(200, capabilities)
    if (path === sitesPath && method === 'GET') {
      return json(
        200,
        [...this.sites].map(([name, found]) => answerOf(name, found)),
      )
    }
    if (path === sitesPath && method === 'POST') {
      if (site !== undefined) return json(409, { error: 'Site already exists' })
      const made = { owner: body['owner'] as ScriptedSite['owner'], status: 'active', pages: 0 }
      this.sites.set(domain, made)
      return json(201, answerOf(domain, made))
    }
    if (site === undefined) return json(404, noSuchSite)
    if (method === 'DELETE') {
      if (hard) this.sites.delete(domain)
      else site.status = 'archived'
      return json(200, { success: true })
    }
    if (method === 'PATCH') site.status = String(body['status'])
    if (method === 'PUT') site.owner = body
    return json(200, answerOf(domain, site))
  }
}

const noSuchSite = { error: 'Site not found' }
const capabilities = { package: 'a-scripted-farm', version: '1.0.0', rereadsOwner: true }

const answerOf = (name: string, { owner, status, pages }: ScriptedSite) => ({ name, owner, status, pages })

function asked(method = '', url = '', text: string): Ask {
  const { pathname, searchParams } = new URL(url, 'http://farm.invalid')
  const body = text === '' ? {} : (JSON.parse(text) as Ask['body'])
  const prefix = [`${sitesPath}/`, ownersPath].find((start) => pathname.startsWith(start))
  const named = typeof body['domain'] === 'string' ? body['domain'] : ''
  const domain = prefix === undefined ? named : pathname.slice(prefix.length)
  return { method, domain, body, path: pathname, hard: searchParams.get('hard') === 'true' }
}
