/**
 * How often something was asked within a span of time, counted together by all API processes where there is Redis, else
 * by each for itself. A Redis that is away or slow is no reason to refuse or to wait: then each counts for itself, too.
 */
import { createClient } from '@redis/client'

export interface RateCounter extends AsyncDisposable {
  /** One more; how many that makes in this span, and how long it still lasts, in milliseconds. */
  count(key: string, spanMs: number): Promise<Counted>
}

interface Counted {
  readonly current: number
  readonly ttl: number
}

/** Within one process. What is over is forgotten when there is much of it. */
export function localCounter(now: () => number = Date.now): RateCounter {
  const spans = new Map<string, { count: number; readonly endsAt: number }>()
  return {
    count(key, spanMs) {
      const time = now()
      let span = spans.get(key)
      if (span === undefined || span.endsAt <= time) {
        if (spans.size >= mostSpans) forgetEnded(spans, time)
        span = { count: 0, endsAt: time + spanMs }
        spans.set(key, span)
      }
      span.count += 1
      return Promise.resolve({ current: span.count, ttl: span.endsAt - time })
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const mostSpans = 50_000

function forgetEnded(spans: Map<string, { readonly endsAt: number }>, time: number): void {
  for (const [key, { endsAt }] of spans) if (endsAt <= time) spans.delete(key)
  // Still too many: the oldest go, and begin anew.
  for (const key of spans.keys()) {
    if (spans.size < mostSpans / 2) return
    spans.delete(key)
  }
}

const answerWithinMs = 250

export function redisCounter({
  server,
  password,
  ca,
}: {
  readonly server: string
  readonly password?: string
  /** Of a `rediss://` address, PEM. */
  readonly ca?: string | undefined
}): RateCounter {
  const address = new URL(server.includes('://') ? server : `redis://${server}`)
  const username = decodeURIComponent(address.username)
  const secret = password ?? decodeURIComponent(address.password)
  address.username = address.password = ''
  const client = createClient({
    url: address.href,
    ...(username !== '' && { username }),
    ...(secret !== '' && { password: secret }),
    disableOfflineQueue: true,
    socket: {
      reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 5_000),
      connectTimeout: 3_000,
      ...(ca !== undefined && address.protocol === 'rediss:' && { tls: true, ca }),
    },
  })
  // It mends itself; without a listener this would end the process.
  client.on('error', () => undefined)
  void client.connect().catch(() => undefined)
  const local = localCounter()
  return {
    async count(key, spanMs) {
      let timer: NodeJS.Timeout | undefined
      try {
        const late = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(reject, answerWithinMs, new Error('no answer'))
        })
        const asked = client.eval(script, {
          // No wiki's key begins with a capital W and a small i: `~[a-z0-9]*` and `~WANCache:*` are all that wikis need.
          keys: [`Wikistead:rate:${key}`],
          arguments: [String(spanMs)],
        })
        const [current, ttl] = (await Promise.race([asked, late])) as [number, number]
        return { current, ttl }
      } catch {
        return await local.count(key, spanMs)
      } finally {
        clearTimeout(timer)
      }
    },
    [Symbol.asyncDispose]() {
      client.destroy()
      return Promise.resolve()
    },
  }
}

/** The span begins with its first, and is never without an end. */
const script = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { count, left }`
