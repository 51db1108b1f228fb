/**
 * A proxy before a farm, as an operator's may stand there: answers that the farm has given can be kept back until the
 * test lets them through, or be replaced by worse ones. So a race is a matter of order, not of luck.
 */
import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Which = (method: string, path: string) => boolean

/** The farm's list of its sites. */
export const theList: Which = (method, path) => method === 'GET' && path === '/plugin/farmmanager/sites'

export interface Held extends Disposable {
  /** Resolves when the farm has answered, and the answer is being kept back. */
  readonly arrived: Promise<void>
  /** Lets it through, and those that come after it; so does the end of a `using`. */
  release(): void
}

export interface FarmGate extends AsyncDisposable {
  readonly url: string
  hold(which: Which): Held
  /** While `act` runs, such answers come with another body. */
  whileAltered<T>(which: Which, change: (body: string) => string, act: () => Promise<T>): Promise<T>
}

export async function startFarmGate(farmUrl: string): Promise<FarmGate> {
  const holds = new Set<{ which: Which; arrive: () => void; released: Promise<void> }>()
  const alterations = new Set<{ which: Which; change: (body: string) => string }>()
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const body = await buffer(request)
    const asking = ask(farmUrl + url, { method, headers })
    asking.end(body)
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    let answered: string | Buffer = await buffer(answer)
    for (const { which, arrive, released } of holds) {
      if (!which(method, url)) continue
      arrive()
      await released
    }
    for (const { which, change } of alterations) {
      if (which(method, url)) answered = change(answered.toString())
    }
    const type = answer.headers['content-type']
    response.writeHead(answer.statusCode ?? 502, { ...(type !== undefined && { 'content-type': type }) })
    response.end(answered)
  }

  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    hold(which) {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const hold = { which, arrive, released }
      holds.add(hold)
      const letThrough = () => {
        holds.delete(hold)
        release()
      }
      return { arrived, release: letThrough, [Symbol.dispose]: letThrough }
    },
    async whileAltered(which, change, act) {
      const alteration = { which, change }
      alterations.add(alteration)
      try {
        return await act()
      } finally {
        alterations.delete(alteration)
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
