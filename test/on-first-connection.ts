/**
 * A service that starts when somebody connects to it: a run of three unit tests need not wait for a database, and
 * tests need not say which services they use.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type ListenOptions, type NetConnectOpts } from 'node:net'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'

export interface Doorway extends AsyncDisposable {
  /** 0 when it listens on a path. */
  readonly port: number
}

/** Listens at once, and carries each connection to where `start` says the service is. */
export async function onFirstConnection(
  listen: ListenOptions,
  start: () => Promise<NetConnectOpts>,
): Promise<Doorway> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    carry(socket, start).catch(() => socket.destroy())
  })
  server.listen(listen)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function carry(socket: Socket, start: () => Promise<NetConnectOpts>): Promise<void> {
  // Held back while the service starts.
  socket.pause()
  const service = connect(await start())
  socket.setNoDelay(true)
  service.setNoDelay(true)
  try {
    await Promise.all([pipeline(socket, service), pipeline(service, socket)])
  } finally {
    service.destroy()
    socket.destroy()
  }
}
