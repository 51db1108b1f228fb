/**
 * A proxy between Wikistead and a real farm that keeps one chosen request back: before the farm has heard of it, or
 * after the farm has acted and before anybody hears of that. So "in the middle of a call" is a place, not luck.
 */
import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Asked {
  readonly method: string
  readonly path: string
  /** Of the site that it is about; '' for the list. */
  readonly domain: string
}

interface Answered extends Asked {
  readonly status: number
}

interface Held {
  /** Resolves when such a request is being kept back. */
  readonly arrived: Promise<void>
  readonly letGo: () => void
  /** Breaks the connection; a request that the farm has not heard of stays unheard. */
  readonly drop: () => void
  /** Says to come back later, as a proxy that has nobody behind it. */
  readonly refuse: (retryAfterSeconds: number) => void
}

export interface HeldFarm extends AsyncDisposable {
  readonly url: string
  /** What the farm has answered, in order. */
  readonly answered: readonly Answered[]
  /** Keeps the next request of that kind back, or its answer; those after it pass. */
  hold(what: 'request' | 'answer', which: (asked: Asked) => boolean): Held
  /** Nothing comes through until it is mended. */
  cut(): { readonly mend: () => void }
}

interface Hold {
  readonly what: 'request' | 'answer'
  readonly which: (asked: Asked) => boolean
  readonly arrive: () => void
  readonly fate: Promise<Fate>
}

type Fate = 'go' | 'drop' | { readonly retryAfter: number }

export async function holdFarm(farmUrl: string): Promise<HeldFarm> {
  const holds = new Set<Hold>()
  const answered: Answered[] = []
  let cuts = 0
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    pass(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const body = await buffer(request)
    const asked = { method, path: url, domain: domainOf(url, body) }
    if (cuts > 0) return void response.destroy()
    if (spoiled(response, await heldBack('request', asked))) return
    const asking = ask(farmUrl + url, { method, headers })
    asking.end(body)
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    const text = await buffer(answer)
    answered.push({ ...asked, status: answer.statusCode ?? 0 })
    if (spoiled(response, await heldBack('answer', asked))) return
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.end(text)
  }

  async function heldBack(what: Hold['what'], asked: Asked): Promise<Fate> {
    const hold = [...holds].find((hold) => hold.what === what && hold.which(asked))
    if (hold === undefined) return 'go'
    holds.delete(hold)
    hold.arrive()
    return hold.fate
  }

  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    answered,
    hold(what, which) {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
      const { promise: fate, resolve: decide } = Promise.withResolvers<Fate>()
      const hold = { what, which, arrive, fate }
      holds.add(hold)
      const end = (how: Fate) => {
        holds.delete(hold)
        decide(how)
      }
      return {
        arrived,
        letGo: () => end('go'),
        drop: () => end('drop'),
        refuse: (retryAfter) => end({ retryAfter }),
      }
    },
    cut() {
      cuts += 1
      server.closeAllConnections()
      return { mend: () => void (cuts -= 1) }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** True when there is nothing left to answer. */
function spoiled(response: ServerResponse, fate: Fate): boolean {
  if (fate === 'go') return false
  if (fate === 'drop') response.destroy()
  else response.writeHead(503, { 'retry-after': String(fate.retryAfter) }).end()
  return true
}

function domainOf(url: string, body: Buffer): string {
  const { pathname } = new URL(url, 'http://farm.invalid')
  const name = /^\/(?:plugin\/farmmanager\/sites|auth\/wikistead\/owners)\/([^/]+)$/.exec(pathname)?.[1]
  if (name !== undefined) return name
  if (body.length === 0) return ''
  const { domain } = JSON.parse(body.toString()) as { readonly domain?: string }
  return domain ?? ''
}
