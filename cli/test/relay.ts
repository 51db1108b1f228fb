/** A network between the command and the API, which a test can break. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Relay extends AsyncDisposable {
  readonly url: string
  /** How many connections were made. */
  readonly connections: number
  /** Breaks every connection that stands; new ones work. */
  cut(): void
  /** While it is down, new connections break as well. */
  down(isDown: boolean): void
}

export async function startRelay(targetUrl: string): Promise<Relay> {
  const { hostname: host, port } = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let isDown = false
  let connections = 0
  const server = createServer((near) => {
    if (isDown) {
      near.destroy()
      return
    }
    connections += 1
    const far = connect({ host, port: Number(port) })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.once('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    get connections() {
      return connections
    },
    cut,
    down(down) {
      isDown = down
      if (down) cut()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
