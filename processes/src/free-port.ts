/**
 * Ports for servers that keep them. They are chosen below the range that the kernel gives to outgoing connections:
 * from that range a client that reconnects to a stopped server can be given the server's own port, connect to
 * itself, and keep the server from coming back.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

/** A port that nobody listens on at this address. */
export async function chooseFreePort(ip: string): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFreePort(port, ip)) return port
  }
}

/** @throws Error when the address is not one of this machine. */
export async function isFreePort(port: number, ip: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ port, host: ip, exclusive: true })
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  } finally {
    server.close()
  }
}
