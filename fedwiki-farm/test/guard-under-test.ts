/** Guards, and requests that a browser would never send. */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { startGuard, type Guard, type GuardOptions } from '../src/guard.ts'

export const adminHost = 'farm-admin.wiki.test'

/** Sends the bytes as they are and reads until the other side closes. */
export async function sendRaw(port: number, bytes: string): Promise<{ status: number; all: string }> {
  const socket = connect(port, '127.0.0.1')
  // One request a connection, and a reset after the answer is an answer too.
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  const all = Buffer.concat(chunks).toString()
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(all)?.[1]), all }
}

export interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

export async function ask(port: number, host: string, path: string, { method, headers, body }: Asked = {}) {
  const outgoing = request({
    ...{ host: '127.0.0.1', port, path, agent: false, ...(method !== undefined && { method }) },
    headers: { host, ...headers },
  })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

export interface Behind {
  readonly guard: Guard
  readonly port: number
  readonly seen: IncomingMessage[]
}

/** A guard before a plain HTTP server in the place of the farm. */
export async function guardBefore(
  started: AsyncDisposableStack,
  answer: RequestListener,
  options: Partial<GuardOptions> = {},
  warmUp: GuardOptions['farm']['warmUp'] = () => Promise.resolve(true),
): Promise<Behind> {
  const seen: IncomingMessage[] = []
  const upstream = createServer((req, res) => {
    seen.push(req)
    answer(req, res)
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  started.defer(() => {
    upstream.close()
    upstream.closeAllConnections()
  })
  const { port } = upstream.address() as AddressInfo
  const farm = { port, adminHost, warmUp }
  const guard = started.use(await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm, ...options }))
  return { guard, port: guard.port, seen }
}
