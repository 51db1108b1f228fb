/** A port of this machine at which only our own user, and root, get through to a server behind a socket in a closed folder. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import process from 'node:process'
import { readUidOfPeer } from './peer-uid.ts'

export interface OwnersDoor {
  /** An IPv4 address of this machine. */
  readonly ip: string
  readonly port: number
  /** The path of the server's socket. */
  readonly socket: string
}

/** Resolves when it listens, and does so until it is disposed of: nobody else can take the server's place while that is away. */
export async function openOwnersDoor({ ip, port, socket: path }: OwnersDoor): Promise<AsyncDisposable> {
  const open = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (visitor) => {
    open.add(visitor)
    visitor.on('error', () => undefined).on('close', () => open.delete(visitor))
    isOurs(visitor).then(
      (ours) => (ours ? pass(visitor, path) : visitor.destroy()),
      () => visitor.destroy(),
    )
  })
  server.listen({ host: ip, port, exclusive: true })
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      for (const visitor of open) visitor.destroy()
      await once(server, 'close')
    },
  }
}

async function isOurs({ remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Socket) {
  const uid = await readUidOfPeer({ remoteAddress, remotePort, localAddress, localPort })
  return uid !== undefined && [0, process.getuid?.()].includes(uid)
}

function pass(visitor: Socket, path: string): void {
  const inside = connect(path)
  // Whichever end goes, the other goes with it.
  inside.on('error', () => undefined).on('close', () => visitor.destroy())
  visitor.on('close', () => inside.destroy())
  visitor.pipe(inside).pipe(visitor)
}
