/** Redis as Wikistead itself signs in there: one connection for one piece of work. */
import { createClient, ErrorReply } from '@redis/client'
import { redisTls, tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

export interface RedisServer {
  /** `redis://`, `rediss://` or `unix://`; a user in it is Wikistead's own. */
  readonly url: string
  readonly password?: string | undefined
  /** Of a `rediss://` address: PEM, of the authority of its certificate. */
  readonly ca?: string | undefined
}

export interface RedisWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

export type RedisClient = ReturnType<typeof connect>

/** @throws ProvisioningFault when Redis does not answer, or not as it should */
export async function withRedis<T>(
  server: RedisServer,
  { signal, deadlineMs = 50_000 }: RedisWork,
  act: (client: RedisClient, ending: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
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
    return await act(client, ending)
  } catch (error) {
    const tls = tlsFaultIn(error)
    if (tls !== undefined) {
      const { detail, mend } = tlsInWords(tls, redisTls)
      throw new ProvisioningFault(`Redis ${detail}. ${mend}`, `tls: ${tls}`)
    }
    // What the client says may quote an address with a user in it.
    if (signal?.aborted === true) throw signal.reason
    throw deadline.aborted
      ? new ProvisioningFault('Redis did not answer in time.', 'deadline')
      : new ProvisioningFault('Redis could not be reached, or did not do what it was asked for.', 'redis')
  } finally {
    if (client.isOpen) client.destroy()
  }
}

/** Undefined where the server does not know the command, or does not let us. */
export async function ifAllowed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ErrorReply && /^NOPERM|unknown (?:sub)?command/i.test(error.message))
      return undefined
    throw error
  }
}

function connect({ url, password, ca }: RedisServer) {
  // A user in the address would make the client take the password from there too.
  const address = new URL(url)
  const username = decodeURIComponent(address.username)
  address.username = address.password = ''
  // MediaWiki knows no other database than the first.
  if (address.protocol !== 'unix:') address.pathname = ''
  const client = createClient({
    url: address.href,
    ...(username !== '' && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    socket: {
      ...{ reconnectStrategy: false, connectTimeout: 3_000 },
      ...(ca !== undefined && address.protocol === 'rediss:' && { tls: true, ca }),
    },
  })
  // The failure comes with the call; without a listener, `error` would end the process.
  client.on('error', () => undefined)
  return client
}
