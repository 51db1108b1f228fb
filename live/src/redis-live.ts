/**
 * Wake-ups over Redis pub/sub, on one channel for the whole farm. What pub/sub loses the tail of the store finds:
 * slowly while the connection stands, at full speed from the moment that it is lost or silent.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveEvents } from './live-events.ts'
import { openRedisLink, type RedisLink } from './redis-link.ts'
import type { TailingLive } from './tailing-live.ts'

export interface RedisLiveOptions {
  /** `host:port`, or a `redis://`, `rediss://` or `unix://` address. Redis 6 or later. */
  readonly server: string
  readonly password?: string
  /** Of a `rediss://` address: PEM, of the authority of its certificate; the public ones when left out. */
  readonly ca?: string | undefined
  /** Holds the listeners, and wakes them alone while Redis cannot; disposed with this. */
  readonly fallback: TailingLive
  /** Default `wikistead:tasks`; farms that share a Redis need one each only to spare each other the noise. */
  readonly channel?: string
  /** How often the store is asked although Redis is well; default 2,000. */
  readonly safetyIntervalMs?: number
}

export function redisLive(options: RedisLiveOptions): LiveEvents {
  return new RedisLive(options)
}

const firstDelayMs = 50
const longestDelayMs = 1_000

class RedisLive implements LiveEvents {
  readonly #options: RedisLiveOptions
  readonly #url: string
  readonly #place: string
  readonly #disposing = new AbortController()
  readonly #running: Promise<void>
  #link: RedisLink | undefined
  /** Why Redis is not to be relied on; undefined when it is. */
  #trouble: string | undefined = 'not connected yet'

  constructor(options: RedisLiveOptions) {
    this.#options = options
    const { server } = options
    this.#url = server.includes('://') ? server : `redis://${server}`
    this.#place = this.#url.replace(/\/\/.*@/, '//')
    this.#running = this.#stayLinked()
  }

  readonly health = () => {
    const tail = this.#options.fallback.health()
    return this.#trouble !== undefined
      ? { ok: false, detail: `Redis at ${this.#place}: ${this.#trouble}; ${tail.detail}` }
      : { ok: tail.ok, detail: `Redis at ${this.#place}; ${tail.detail}` }
  }

  publish(taskId: string): void {
    this.#options.fallback.publish(taskId)
    this.#link?.send(taskId)
  }

  subscribe(taskId: string, wake: () => void): () => void {
    return this.#options.fallback.subscribe(taskId, wake)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort()
    await this.#link?.[Symbol.asyncDispose]()
    await this.#running
    await this.#options.fallback[Symbol.asyncDispose]()
  }

  async #stayLinked(): Promise<void> {
    const { signal } = this.#disposing
    let delayMs = firstDelayMs
    while (!signal.aborted) {
      try {
        await using link = await this.#open()
        if (signal.aborted) break
        delayMs = firstDelayMs
        this.#link = link
        this.#setTrouble(undefined)
        this.#setTrouble(await link.lost)
      } catch (error) {
        this.#setTrouble(error instanceof Error ? error.message : String(error))
      }
      this.#link = undefined
      await sleep(delayMs, undefined, { signal }).catch(() => {})
      delayMs = Math.min(delayMs * 2, longestDelayMs)
    }
  }

  async #open(): Promise<RedisLink> {
    const { password, ca, fallback, channel = 'wikistead:tasks' } = this.#options
    return openRedisLink({
      url: this.#url,
      ...{ password, ca, channel },
      onTask: (taskId) => fallback.publish(taskId),
      onQuiet: (quiet) => this.#setTrouble(quiet ? 'does not answer' : undefined),
      signal: this.#disposing.signal,
    })
  }

  /** Every turn for better or worse asks the store at once: for what was published while nobody could hear it. */
  #setTrouble(trouble: string | undefined): void {
    const turned = (this.#trouble === undefined) !== (trouble === undefined)
    this.#trouble = trouble
    if (!turned) return
    const { fallback, safetyIntervalMs = 2_000 } = this.#options
    fallback.pace(trouble === undefined ? safetyIntervalMs : undefined)
  }
}
