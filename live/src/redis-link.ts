/**
 * One connection to Redis, from its opening to its loss; it never mends itself. Over RESP3 it carries both what
 * is published and what is heard, so that one PING tells of both.
 */
import { randomUUID } from 'node:crypto'
import { redisTls, tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { createClient } from '@redis/client'

export interface RedisLinkOptions {
  /** `redis://`, `rediss://` or `unix://`. */
  readonly url: string
  readonly password: string | undefined
  /** PEM. */
  readonly ca: string | undefined
  readonly channel: string
  /** Another process has published something about this task. */
  readonly onTask: (taskId: string) => void
  /** Redis has not answered for a moment, or answers again. */
  readonly onQuiet: (quiet: boolean) => void
  /** Gives up the opening; an open link is disposed of instead. */
  readonly signal: AbortSignal
}

/** Disposal sends what is left, for half a second at most. */
export interface RedisLink extends AsyncDisposable {
  /** Never blocks, never throws; what is too much is dropped. */
  send(taskId: string): void
  /** Resolves, once it is of no more use, with the reason. */
  readonly lost: Promise<string>
}

const openMs = 3_000
const beatMs = 250
/** A PING without an answer at the next beat makes the link quiet; this many beats without one, and it is lost. */
const lostBeats = 12
const flushMs = 500
const longestQueue = 10_000
const tasksAMessage = 500

/** Rejects when Redis cannot be reached, refuses, or does not answer within three seconds. */
export async function openRedisLink(options: RedisLinkOptions): Promise<RedisLink> {
  const link = new OneRedisLink(options)
  await link.open()
  return link
}

class OneRedisLink implements RedisLink {
  readonly #options: RedisLinkOptions
  readonly #client
  /** Marks what this process has published: its listeners have been woken already. */
  readonly #sender = randomUUID()
  readonly #queue = new Set<string>()
  readonly #end = Promise.withResolvers<string>()
  #sending: Promise<void> | undefined
  #lost = false
  #unanswered = 0
  #beat: NodeJS.Timeout | undefined

  constructor(options: RedisLinkOptions) {
    this.#options = options
    // A user in the address would make the client take the password from there too.
    const address = new URL(options.url)
    const username = decodeURIComponent(address.username)
    const password = options.password ?? decodeURIComponent(address.password)
    address.username = address.password = ''
    this.#client = createClient({
      url: address.href,
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      RESP: 3,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      socket: {
        ...{ reconnectStrategy: false, connectTimeout: openMs },
        ...(options.ca !== undefined && address.protocol === 'rediss:' && { tls: true, ca: options.ca }),
      },
    })
    // The reason comes with `terminated`; without a listener, `error` would end the process.
    this.#client.on('error', () => {})
    this.#client.on('terminated', (cause: unknown) => this.#lose(reasonOf(cause)))
    // What is given up while it connects goes on connecting.
    this.#client.on('connect', () => {
      if (this.#lost) this.#client.destroy()
    })
  }

  get lost(): Promise<string> {
    return this.#end.promise
  }

  async open(): Promise<void> {
    const { signal } = this.#options
    const giveUp = () => this.#lose('closed')
    const timer = setTimeout(() => this.#lose(`no answer for ${openMs / 1_000} s`), openMs)
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    try {
      // The client itself may never come back from connecting.
      await Promise.race([this.#greet(), this.lost.then((reason) => Promise.reject(new Error(reason)))])
    } catch (error) {
      this.#lose(reasonOf(error))
      throw new Error(await this.lost, { cause: error })
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
    this.#beat = setInterval(() => this.#ping(), beatMs)
  }

  send(taskId: string): void {
    if (this.#lost) return
    if (this.#queue.size < longestQueue) this.#queue.add(taskId)
    this.#sending ??= this.#drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#lose('closed'), flushMs)
    await this.#sending
    clearTimeout(timer)
    this.#lose('closed')
  }

  async #greet(): Promise<void> {
    const { channel } = this.#options
    await this.#client.connect()
    await this.#client.subscribe(channel, (message) => this.#hear(message))
    // Whoever may not publish is to know it now.
    await this.#client.publish(channel, JSON.stringify([this.#sender]))
  }

  /** One message at a time: while Redis takes its time, the queue holds each task once. */
  async #drain(): Promise<void> {
    try {
      while (this.#queue.size > 0) {
        const taskIds = [...this.#queue.values().take(tasksAMessage)]
        for (const taskId of taskIds) this.#queue.delete(taskId)
        await this.#client.publish(this.#options.channel, JSON.stringify([this.#sender, ...taskIds]))
      }
    } catch (error) {
      this.#lose(reasonOf(error))
    }
    this.#sending = undefined
  }

  #hear(message: string): void {
    const [sender, ...taskIds] = stringsOf(message)
    if (sender === this.#sender) return
    for (const taskId of taskIds) this.#options.onTask(taskId)
  }

  #ping(): void {
    if (this.#unanswered === 1) this.#options.onQuiet(true)
    if (this.#unanswered++ >= lostBeats) this.#lose(`no answer for ${(lostBeats * beatMs) / 1_000} s`)
    if (this.#unanswered > 1) return
    this.#client.ping().then(
      () => {
        if (this.#unanswered > 1) this.#options.onQuiet(false)
        this.#unanswered = 0
      },
      (error: unknown) => this.#lose(reasonOf(error)),
    )
  }

  #lose(reason: string): void {
    this.#lost = true
    this.#end.resolve(reason)
    clearInterval(this.#beat)
    this.#queue.clear()
    this.#client.destroy()
  }
}

/** Anybody can publish on the channel: what is not ours is nothing. */
function stringsOf(message: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(message)
    return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : []
  } catch {
    return []
  }
}

function reasonOf(error: unknown): string {
  const tls = tlsFaultIn(error)
  if (tls !== undefined) return `it ${tlsInWords(tls, redisTls).detail}`
  const message = error instanceof Error ? error.message : String(error)
  return /^(?:WRONGPASS|NOAUTH)/.test(message) ? 'it refuses the password; set REDIS_PASSWORD' : message
}
