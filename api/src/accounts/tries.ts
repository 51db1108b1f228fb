/**
 * How often somebody may try to get into one account, whatever address they come from. Nobody is locked out for ever: the
 * count begins anew after a while, a browser that is known has one of its own, and passkeys and links are not counted.
 */
import { createHash } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import type { FastifyReply } from 'fastify'
import { localCounter, type RateCounter } from '../access/rate-counter.ts'

const most = 10
const spanMs = 15 * 60_000

export class Tries {
  readonly #counter: RateCounter

  constructor(counter: RateCounter = localCounter()) {
    this.#counter = counter
  }

  /** One more for what is tried, e.g. an account in a known browser. @throws Refusal `rate_limited` */
  async count(reply: FastifyReply, ...what: readonly string[]): Promise<void> {
    // Names of people are nobody's to read in Redis.
    const key = createHash('sha256').update(JSON.stringify(what)).digest('hex')
    const { current, ttl } = await this.#counter.count(`tries/${key}`, spanMs)
    if (current <= most) return
    const seconds = Math.ceil(ttl / 1_000)
    void reply.header('retry-after', String(seconds))
    throw new Refusal(
      'rate_limited',
      `Too many tried to sign in to this account. Try again in ${String(Math.ceil(seconds / 60))} min, in a browser where you have signed in before, or by a passkey.`,
      { retry_after_seconds: seconds },
    )
  }
}
