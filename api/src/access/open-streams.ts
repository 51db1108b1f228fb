/**
 * The answers of this process that go on: events that are followed, and requests that wait for the end of a task. There is
 * a place for each, of so many for one user and so many in all; and every other moment all of those who have one are looked
 * at in the store, as new requests would be. So who may no longer ask hears no more, whichever process took it from them.
 */
import { Refusal } from '@wikistead/contracts'
import type { Store, TaskRow } from '@wikistead/store'
import type { FastifyBaseLogger } from 'fastify'
import { actingBySession, actingByToken, type Acting } from './acting.ts'
import { mayStill } from './enforce-permissions.ts'
import type { Permission } from './permissions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    openStreams: OpenStreams
  }
}

export interface StreamLimits {
  /** Of one user, in this process. */
  readonly user: number
  /** In this process. */
  readonly process: number
}

/** Who has an answer that goes on, and by what it was allowed. */
export interface Following {
  readonly acting: Acting
  readonly permission: Permission
  readonly task: Pick<TaskRow, 'task_id' | 'user_id'>
}

export interface OpenStream {
  /** Aborted when the one who follows may no longer. */
  readonly signal: AbortSignal
  /** Gives the place back. */
  readonly leave: () => void
}

interface Place extends Following {
  readonly began: number
  readonly end: AbortController
}

const lookEveryMs = 2_000
const retryAfterSeconds = 10
/** The hub's word is good for a minute, and cannot be asked for again: the hub gives a new one with the next request. */
const hubsWordMs = 60_000

export class OpenStreams {
  readonly #store: Store
  readonly #log: FastifyBaseLogger
  readonly #limits: StreamLimits
  readonly #lookEveryMs: number
  readonly #places = new Set<Place>()
  readonly #ofUser = new Map<number, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    store: Store,
    log: FastifyBaseLogger,
    {
      limits,
      everyMs = lookEveryMs,
    }: { readonly limits: StreamLimits | undefined; readonly everyMs?: number },
  ) {
    this.#store = store
    this.#log = log
    this.#limits = limits ?? { user: Infinity, process: Infinity }
    this.#lookEveryMs = everyMs
  }

  /** @throws Refusal `too_many_streams` */
  take(following: Following): OpenStream {
    const full = this.#fullFor(following.acting)
    if (full === undefined) return this.#open(following)
    const details = { limit: this.#limits[full], retry_after_seconds: retryAfterSeconds }
    throw new Refusal(
      'too_many_streams',
      full === 'user'
        ? `You follow ${String(this.#limits.user)} tasks at once already, and that is the most. Close some, or ask for the tasks themselves instead of their events.`
        : `As many follow tasks here as this server serves at once. Try again in ${String(retryAfterSeconds)} s, or ask for the task itself instead of its events.`,
      details,
    )
  }

  /** Undefined when there is no place: whoever wanted to wait need not. */
  takeIfFree(following: Following): OpenStream | undefined {
    return this.#fullFor(following.acting) === undefined ? this.#open(following) : undefined
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#places.clear()
  }

  #fullFor({ user }: Acting): keyof StreamLimits | undefined {
    if ((this.#ofUser.get(user.user_id) ?? 0) >= this.#limits.user) return 'user'
    return this.#places.size >= this.#limits.process ? 'process' : undefined
  }

  #open(following: Following): OpenStream {
    const place: Place = { ...following, began: performance.now(), end: new AbortController() }
    const { user_id: userId } = following.acting.user
    this.#places.add(place)
    this.#ofUser.set(userId, (this.#ofUser.get(userId) ?? 0) + 1)
    this.#lookLater()
    return {
      signal: place.end.signal,
      leave: () => {
        if (!this.#places.delete(place)) return
        const left = (this.#ofUser.get(userId) ?? 0) - 1
        if (left > 0) this.#ofUser.set(userId, left)
        else this.#ofUser.delete(userId)
      },
    }
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => void this.#look(), this.#lookEveryMs).unref()
  }

  async #look(): Promise<void> {
    try {
      const places = [...this.#places]
      const now = await standingOf(this.#store, places)
      for (const place of places) {
        const isOver = place.acting.by === 'service' && performance.now() - place.began > hubsWordMs
        if (isOver || !now(place)) place.end.abort()
      }
    } catch (error) {
      // Nothing comes of the store for them, either.
      this.#log.warn({ err: error }, 'it could not be looked up who may still follow events')
    }
    this.#timer = undefined
    if (this.#places.size > 0) this.#lookLater()
  }
}

/** In few questions of each kind, however many they are. What it gives says whether somebody may still follow. */
async function standingOf(
  { tokens, sessions, users, tasks }: Store,
  places: readonly Following[],
): Promise<(following: Following) => boolean> {
  const by = (kind: Acting['by']) => places.map(({ acting }) => acting).filter((acting) => acting.by === kind)
  const hashes = (each: readonly Acting[]) => [...new Set(each.flatMap(({ hash }) => hash ?? []))]
  const ids = by('service').map(({ user }) => user.user_id)
  const heldTokens = await inParts(hashes(by('token')), (some) => tokens.standing(some))
  const heldSessions = await inParts(hashes(by('session')), (some) => sessions.standing(some))
  const hubUsers = await inParts([...new Set(ids)], (some) => users.many(some))
  const taskIds = [...new Set(places.map(({ task }) => task.task_id))]
  const owners = await inParts(taskIds, (some) => tasks.ownersOf(some))

  function actingNow({ by: kind, hash = '', ...rest }: Acting): Acting | undefined {
    if (kind === 'token') {
      const held = heldTokens.get(hash)
      return held && actingByToken(held)
    }
    if (kind === 'session') {
      const found = heldSessions.get(hash)
      return found && actingBySession(found)
    }
    const user = hubUsers.get(rest.user.user_id)
    // What the hub lets them be is known by its word alone.
    return user && { ...rest, by: kind, user: { ...user, role: rest.user.role } }
  }

  return ({ acting, permission, task: { task_id } }) => {
    const owner = owners.get(task_id)
    return owner !== undefined && mayStill(actingNow(acting), permission, { task_id, user_id: owner })
  }
}

const aQuestion = 500

async function inParts<K, V>(
  keys: readonly K[],
  ask: (some: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): Promise<Map<K, V>> {
  const all = new Map<K, V>()
  for (let from = 0; from < keys.length; from += aQuestion) {
    for (const [key, value] of await ask(keys.slice(from, from + aQuestion))) all.set(key, value)
  }
  return all
}
