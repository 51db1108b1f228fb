/**
 * What Redis holds of a wiki whose MediaWiki keeps its caches and sessions there: keys that begin with the name of its
 * database, alone or behind the mark of MediaWiki's second cache. `ada:…` is never a key of the wiki ada-lab.
 */
import { createClient } from '@redis/client'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { databaseName } from '../names/slug.ts'

export interface RedisServer {
  /** `redis://`, `rediss://` or `unix://`. */
  readonly url: string
  readonly password?: string | undefined
}

export interface RedisWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

/** How many keys there are. @throws ProvisioningFault when Redis does not answer, or not as it should */
export async function countRedisKeys(
  server: RedisServer,
  slug: string,
  work: RedisWork = {},
): Promise<number> {
  let count = 0
  await eachBatch(server, slug, work, (keys) => {
    count += keys.length
    return Promise.resolve()
  })
  return count
}

/** Takes them all away, if there are any. @throws ProvisioningFault when Redis does not answer, or not as it should */
export async function dropRedisKeys(server: RedisServer, slug: string, work: RedisWork = {}): Promise<void> {
  await eachBatch(server, slug, work, async (keys, client) => {
    await client.unlink(keys)
  })
}

type Client = ReturnType<typeof connect>

async function eachBatch(
  server: RedisServer,
  slug: string,
  { signal, deadlineMs = 50_000 }: RedisWork,
  act: (keys: string[], client: Client) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted()
  const database = databaseName(slug)
  const deadline = AbortSignal.timeout(deadlineMs)
  const ending = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const client = connect(server)
  const over = new Promise<never>((_, reject) => {
    ending.addEventListener('abort', () => {
      reject(new Error('over'))
      if (client.isOpen) client.destroy()
    })
  })
  // Nobody may be waiting for it any more.
  over.catch(() => undefined)
  try {
    // The client itself may never come back from connecting.
    await Promise.race([client.connect(), over])
    for await (const found of client.scanIterator({ MATCH: `*${database}:*`, COUNT: 1_000 })) {
      ending.throwIfAborted()
      const keys = found.filter((key) => isOf(database, key))
      if (keys.length > 0) await act(keys, client)
    }
  } catch {
    // What the client says may quote an address with a user in it.
    if (signal?.aborted === true) throw signal.reason
    throw deadline.aborted
      ? new ProvisioningFault('Redis did not answer in time.', 'deadline')
      : new ProvisioningFault('Redis could not be reached, or did not do what it was asked for.', 'redis')
  } finally {
    if (client.isOpen) client.destroy()
  }
}

/** The names of databases have no sign that a pattern of Redis knows; what stands before them is asked for here. */
const isOf = (database: string, key: string): boolean =>
  [`${database}:`, `WANCache:${database}:`, `WANCache:{${database}:`].some((start) => key.startsWith(start))

function connect({ url, password }: RedisServer) {
  // A user in the address would make the client take the password from there too.
  const address = new URL(url)
  const username = decodeURIComponent(address.username)
  address.username = address.password = ''
  const client = createClient({
    url: address.href,
    ...(username !== '' && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false, connectTimeout: 3_000 },
  })
  // The failure comes with the call; without a listener, `error` would end the process.
  client.on('error', () => undefined)
  return client
}

/** The server as MediaWiki writes it: `host:port`, `tls://host:port` or the path of a socket. */
export function redisForMediaWiki(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  if (protocol === 'unix:') return pathname
  return `${protocol === 'rediss:' ? 'tls://' : ''}${hostname}:${port === '' ? '6379' : port}`
}
