/**
 * A door to MariaDB that counts the statements that go through it and cuts all connections at the one that is asked
 * for: before the server hears of it, or after it has done it and before its answer arrives. That is what the server
 * sees of a worker that is killed there, and what a worker sees of a server that goes away there.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Cut {
  /** From 1. */
  readonly statement: number
  readonly when: 'before' | 'after'
}

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number
  /** How many statements came, the cut one too. */
  readonly statements: number
  /** Resolves when it has cut. */
  readonly done: Promise<void>
}

export async function startCuttingProxy(socketPath: string, cut?: Cut): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  const { promise: done, resolve } = Promise.withResolvers<void>()
  let statements = 0
  let isCut = false
  const cutAll = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
    resolve()
  }
  const server = createServer((client) => {
    const upstream = connect({ path: socketPath })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    if (isCut) return cutAll()
    let answersUntilCut = false
    client.on('data', (packet: Buffer) => {
      // A command begins a sequence; what is longer than one piece is none of ours.
      const isStatement = packet[3] === 0 && packet[4] === comQuery
      if (isStatement) statements += 1
      if (isStatement && statements === cut?.statement) {
        if (cut.when === 'before') return cutAll()
        answersUntilCut = true
      }
      upstream.write(packet)
    })
    upstream.on('data', (packet: Buffer) => {
      if (answersUntilCut) return cutAll()
      client.write(packet)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get statements() {
      return statements
    },
    done,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

const comQuery = 3
