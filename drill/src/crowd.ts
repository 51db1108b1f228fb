/**
 * Members who ask for wikis as people's programs do: of either API, again when there was no answer or a refusal for now,
 * and then with the same key, so that nothing is made twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreSeen } from './store-seen.ts'

export interface Creation {
  readonly stage: string
  readonly engine: 'fedwiki' | 'mediawiki'
  readonly name: string
  /** Undefined until it was accepted. */
  taskId: string | undefined
  /** How often it was asked for. */
  asks: number
  /** Milliseconds. */
  askedAt: number
  endedAt?: number
  /** Of the ended task. */
  status?: string
  code?: string | null
}

export interface CrowdOptions {
  readonly apis: readonly string[]
  readonly store: StoreSeen
  /** One a member. */
  readonly tokens: readonly string[]
  /** Every so many-th is a MediaWiki wiki. */
  readonly mediaWikiEvery: number
}

const pollMs = 100

export class Crowd {
  readonly creations: Creation[] = []
  readonly #options: CrowdOptions

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** Asks for half of so many at once, and for the other half when the round is struck. */
  ask(stage: string, count: number, patienceMs: number): Round {
    const creations = Array.from({ length: count }, (_, n): Creation => {
      const engine = (n + 1) % this.#options.mediaWikiEvery === 0 ? 'mediawiki' : 'fedwiki'
      return {
        stage,
        engine,
        name: `${stage}-${String(n + 1)}`,
        taskId: undefined,
        asks: 0,
        askedAt: performance.now(),
      }
    })
    this.creations.push(...creations)
    const over = new AbortController()
    const { promise: struck, resolve: strike } = Promise.withResolvers<void>()
    const asked = Promise.all(
      creations.map(async (one, n) => {
        if (n >= count / 2) await struck
        one.askedAt = performance.now()
        await this.#askFor(one, n, over.signal)
      }),
    )
    const ended = this.#watch(creations, patienceMs).finally(() => over.abort())
    return new Round(
      creations,
      strike,
      Promise.all([asked, ended]).then(() => undefined),
    )
  }

  async #askFor(creation: Creation, n: number, signal: AbortSignal): Promise<void> {
    const { apis, tokens } = this.#options
    const { engine, name } = creation
    const body =
      engine === 'fedwiki' ? { engine, domain: name } : { engine, name, slug: name, language: 'en' }
    while (!signal.aborted) {
      const api = apis[(n + creation.asks) % apis.length] ?? ''
      creation.asks += 1
      try {
        const answer = await fetch(`${api}/v1/wikis`, {
          method: 'POST',
          headers: {
            ...{ authorization: `Bearer ${tokens[n % tokens.length] ?? ''}`, prefer: 'respond-async' },
            ...{ 'content-type': 'application/json', 'idempotency-key': `drill-${name}` },
          },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(30_000),
        })
        const told = (await answer.json()) as { readonly task_id?: string; readonly code?: string }
        if (told.task_id !== undefined && answer.ok) {
          creation.taskId = told.task_id
          return
        }
        if (answer.status < 500 && answer.status !== 429) {
          creation.status = 'refused'
          creation.code = told.code ?? String(answer.status)
          creation.endedAt = performance.now()
          return
        }
      } catch {
        // Nobody there: the other API, then.
      }
      await sleep(250, undefined, { signal }).catch(() => undefined)
    }
  }

  async #watch(creations: readonly Creation[], patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      const open = creations.filter(({ endedAt }) => endedAt === undefined)
      if (open.length === 0) return
      const ids = open.flatMap(({ taskId }) => (taskId === undefined ? [] : [taskId]))
      // The store may be the one that was killed.
      const ended = await this.#options.store.ended(ids).catch(() => [])
      for (const { taskId, status, code } of ended) {
        const creation = open.find((each) => each.taskId === taskId)
        if (creation !== undefined) Object.assign(creation, { endedAt: performance.now(), status, code })
      }
      await sleep(pollMs)
    }
  }
}

export class Round {
  readonly creations: readonly Creation[]
  /** The other half is asked for, whoever is dead. */
  readonly strike: () => void
  /** All have ended, or the patience with them is over. */
  readonly over: Promise<void>

  constructor(creations: readonly Creation[], strike: () => void, over: Promise<void>) {
    this.creations = creations
    this.strike = strike
    this.over = over
  }

  /** So large a part of them has ended. */
  async ended(part: number): Promise<void> {
    const wanted = Math.ceil(this.creations.length * part)
    const reached = async () => {
      while (this.creations.filter(({ endedAt }) => endedAt !== undefined).length < wanted) await sleep(20)
    }
    await Promise.race([reached(), this.over])
  }
}
