/** A door to MariaDB at which the first statement with a certain text in it waits until something else has been done. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'

export interface PausingProxy extends AsyncDisposable {
  readonly port: number
  /** Whether such a statement came. */
  readonly hasPaused: boolean
}

export async function startPausingProxy(
  socketPath: string,
  text: string,
  act: () => Promise<unknown>,
): Promise<PausingProxy> {
  const sockets = new Set<Socket>()
  let acting: Promise<unknown> | undefined
  const server = createServer((client) => {
    const upstream = connect({ path: socketPath })
    for (const socket of [client, upstream]) sockets.add(socket)
    const passOn = async function* (packets: AsyncIterable<Buffer>) {
      for await (const packet of packets) {
        if (packet.includes(text)) await (acting ??= act())
        yield packet
      }
    }
    void pipeline(client, passOn, upstream).catch(() => client.destroy())
    void pipeline(upstream, client).catch(() => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get hasPaused() {
      return acting !== undefined
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
