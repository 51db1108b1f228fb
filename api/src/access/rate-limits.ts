/**
 * How often somebody may ask: by user, and by address where nobody is known. What costs much, or could be guessed, has
 * limits of its own beside the general one. A stream of events is one request, however long it lasts.
 */
import rateLimit, { type FastifyRateLimitStore, type FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import { Refusal } from '@wikistead/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LimitedGroup } from './permissions.ts'
import type { RateCounter } from './rate-counter.ts'

/** Requests a minute. */
export interface RateLimits {
  /** Of a user. */
  readonly user: number
  /** Of an address from which nobody is known. */
  readonly address: number
  /** Of either, for each group of what costs much; names are asked for while people type, and may be four times as many. */
  readonly costly: number
  readonly counter: RateCounter
}

/** Counts the request. @throws Refusal `rate_limited`, with `Retry-After` on the reply */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  group: LimitedGroup | 'all',
) => Promise<void>

const spanMs = 60_000

export async function rateLimiter(
  app: FastifyInstance,
  limits: RateLimits | undefined,
): Promise<RateLimiter> {
  if (limits === undefined) return () => Promise.resolve()
  const { user, address, costly, counter } = limits
  await app.register(rateLimit, { global: false, store: sharedStore(counter) })
  const limiterOf = (group: string, ofUser: number, ofAddress: number) => {
    // A key is an address by default: an IPv6 network of 64 bits is one.
    const byAddress = { max: ofAddress, timeWindow: spanMs, keysBegin: `${group}/address/` }
    const byUser = {
      ...{ max: ofUser, timeWindow: spanMs, keysBegin: `${group}/user/` },
      keyGenerator: ({ acting }: FastifyRequest) => String(acting?.user.user_id),
    }
    return { user: app.createRateLimit(byUser), address: app.createRateLimit(byAddress) }
  }
  const limiters = {
    all: limiterOf('all', user, address),
    create: limiterOf('create', costly, costly),
    transfer: limiterOf('transfer', costly, costly),
    sign_in: limiterOf('sign_in', costly, costly),
    begin_sign_in: limiterOf('begin_sign_in', user, address),
    names: limiterOf('names', costly * 4, costly * 4),
  }
  return async (request, reply, group) => {
    const { user, address } = limiters[group]
    const found = await (request.acting === undefined ? address : user)(request)
    if (found.isAllowed || !found.isExceeded) return
    void reply.header('retry-after', String(found.ttlInSeconds))
    throw new Refusal(
      'rate_limited',
      `That is too often. Try again in ${String(found.ttlInSeconds)} s, and then more slowly.`,
      { retry_after_seconds: found.ttlInSeconds },
    )
  }
}

/** The plugin's store over our counter. Each limiter has its own keys. */
function sharedStore(counter: RateCounter): FastifyRateLimitStoreCtor {
  return class SharedStore implements FastifyRateLimitStore {
    readonly #keysBegin: string

    constructor({ keysBegin = '' }: { readonly keysBegin?: string }) {
      this.#keysBegin = keysBegin
    }

    incr(key: string, tell: Parameters<FastifyRateLimitStore['incr']>[1], span: number): void {
      counter.count(`${this.#keysBegin}${key}`, span).then(
        (counted) => {
          tell(null, counted)
        },
        (error: unknown) => {
          tell(error instanceof Error ? error : new Error(String(error)))
        },
      )
    }

    child(options: object): SharedStore {
      return new SharedStore(options)
    }
  }
}
