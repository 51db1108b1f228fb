/** Whose process is at the other end of a connection within this machine: the kernel knows. */
import { readFile } from 'node:fs/promises'

export interface Ends {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

const established = '01'

/**
 * From the list of connections in the format of /proc/net/tcp, of IPv4; undefined when it is not there, or nobody's any more:
 * what was closed by its process counts as root's.
 */
export function uidOfPeer(connections: string, ends: Ends): number | undefined {
  const there = inHex(ends.remoteAddress, ends.remotePort)
  const here = inHex(ends.localAddress, ends.localPort)
  for (const line of connections.split('\n')) {
    const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/)
    if (local !== there || remote !== here) continue
    return state === established && inode !== '0' ? Number(uid) : undefined
  }
  return undefined
}

export async function readUidOfPeer(ends: Ends): Promise<number | undefined> {
  return uidOfPeer(await readFile('/proc/net/tcp', 'utf8'), ends)
}

/** The bytes of an address come in the order of the machine, which is little-endian wherever Node runs. */
function inHex(address: string, port: number): string {
  const bytes = address.split('.').map(Number).reverse()
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0')
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`
}
