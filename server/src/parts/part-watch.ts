/**
 * What this process stands on, watched: a child that died and was started again, a server that was away. Each is told in
 * the log, to Health, and to the store as an incident, which closes itself; while the store is what is away, afterwards.
 */
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HealthPart } from '@wikistead/api'
import type { ChildState } from '@wikistead/processes'
import type { Store } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import { logChild } from './log-child.ts'

export interface PartTrouble {
  readonly message: string
  readonly mend: string
  /** False for who only notices that it is so still; default true. */
  readonly counts?: boolean
}

/** The incident's code. */
const code = 'part_away'
const lookEveryMs = 15_000
const retryMs = 2_000

export class PartWatch implements AsyncDisposable {
  readonly #logger: FastifyBaseLogger
  readonly #machine: string
  readonly #children = new Map<string, ChildState>()
  readonly #stopping = new AbortController()
  #store: Store | undefined
  #unwritten: ((store: Store) => Promise<unknown>)[] = []
  #writing: Promise<void> | undefined
  /** Asked for at each look at Health: more may come. */
  readonly health: (() => Promise<HealthPart>)[] = []

  constructor(logger: FastifyBaseLogger, machine = hostname()) {
    this.#logger = logger
    this.#machine = machine
  }

  /** From now on incidents are written there: also those from before. The first one counts. */
  writeTo(store: Store): void {
    this.#store ??= store
    this.#write()
  }

  /** For a child's `onChange`. `inHealth`: nobody else asks whether it answers. */
  child(
    part: string,
    { inHealth = true }: { readonly inHealth?: boolean } = {},
  ): (state: ChildState) => void {
    const log = logChild(this.#logger, part)
    if (inHealth) this.health.push(() => Promise.resolve(this.#healthOf(part)))
    return (state) => {
      log(state)
      this.#children.set(part, state)
      const { kind, pid, lastExit = 'no word' } = state
      if (kind === 'ready') this.ended(part)
      if (kind === 'restarting' && pid === undefined) {
        this.began(part, {
          message: `It ended (${lastExit}) on ${this.#machine}, and was started again.`,
          mend: 'It is started again until it serves, which clears this. If it stays, the end of its log says why it cannot.',
        })
      }
    }
  }

  /** Is part of Health for as long as it stands. */
  has(check: () => Promise<HealthPart>): Disposable {
    this.health.push(check)
    return { [Symbol.dispose]: () => void this.health.splice(this.health.indexOf(check), 1) }
  }

  /** Asks every few seconds, and is part of Health. Away is what did not answer twice. */
  look(check: () => Promise<HealthPart>): Disposable {
    const shown = this.has(check)
    let wrong = 0
    let asking: Promise<void> | undefined
    const look = async (): Promise<void> => {
      const { part, ok, detail, mend = '' } = await check()
      wrong = ok ? 0 : wrong + 1
      if (wrong === 2) this.#logger.error({ part, mend }, `${part} is away: ${detail}`)
      if (wrong >= 2) this.began(part, { message: detail, mend, counts: wrong === 2 })
      else if (ok) this.ended(part)
    }
    const timer = setInterval(() => {
      asking ??= look()
        .catch(() => undefined)
        .finally(() => {
          asking = undefined
        })
    }, lookEveryMs)
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer)
        shown[Symbol.dispose]()
      },
    }
  }

  /** @param agoMs how long ago that was */
  began(part: string, { message, mend, counts = true }: PartTrouble, agoMs = 0): void {
    const subject = this.#subject(part)
    this.#later(agoMs, (store, at) =>
      store.incidents.begin({ code, subject, message, mend, counts, at, detail: { part } }),
    )
  }

  ended(part: string): void {
    const subject = this.#subject(part)
    this.#later(0, (store, at) => store.incidents.end(code, subject, at))
  }

  /** What is still to be written has a moment more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#writing
  }

  #subject(part: string): string {
    return `${part}@${this.#machine}`
  }

  #healthOf(part: string): HealthPart {
    const { kind, restarts, lastExit = '' } = this.#children.get(part) ?? { kind: 'starting', restarts: 0 }
    const again = restarts === 0 ? '' : `; started again ${String(restarts)} times, at last after ${lastExit}`
    if (kind === 'ready') return { part, ok: true, detail: `serves on ${this.#machine}${again}` }
    return {
      ...{ part, ok: false, detail: `${lastExit === '' ? kind : `ended with ${lastExit}`}${again}` },
      mend: 'It is started again by itself; the end of its log says why it cannot.',
    }
  }

  #later(agoMs: number, write: (store: Store, at: number) => Promise<unknown>): void {
    const happened = performance.now() - agoMs
    this.#unwritten.push((store) => write(store, Math.round(store.now() - (performance.now() - happened))))
    this.#write()
  }

  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  /** In their order, each until it is written. */
  async #writeAll(): Promise<void> {
    for (;;) {
      const [first] = this.#unwritten
      if (this.#store === undefined || first === undefined) return
      try {
        await first(this.#store)
        this.#unwritten.shift()
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#logger.warn({ err: error }, 'an incident could not be written; it is tried again')
        await sleep(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      }
    }
  }
}
