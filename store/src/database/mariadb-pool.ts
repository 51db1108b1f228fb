/**
 * mysql2's pool, in which nobody waits for ever: not for a place in it, and not for an answer. A connection whose answer
 * did not come is thrown away, for whatever it was in the middle of would be the next user's; so is one whose server takes no
 * writes any more.
 */
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely'
import type { Pool, PoolConnection, QueryError } from 'mysql2'
import { StoreUnavailable, isServerAway, markStoreFault } from './store-errors.ts'

export interface Patience {
  /** For an answer, and before it for a place in the pool. */
  readonly answerMs: number
  /** Looked at before a connection is used for the first time; what it throws is told, and the connection thrown away. */
  readonly require?: (connection: PoolConnection) => void
}

export function boundedPool(pool: Pool, { answerMs, require }: Patience): MysqlPool {
  // Kysely knows a connection again by its identity.
  const guarded = new WeakMap<PoolConnection, GuardedConnection>()
  return {
    end: (done) => pool.end(done),
    getConnection(found) {
      let waiting = true
      const givenUp = setTimeout(() => {
        waiting = false
        found(unavailable('All connections to the database are in use.'), none)
      }, answerMs)
      pool.getConnection((error, connection) => {
        if (!waiting) {
          if (error === null) connection.release()
          return
        }
        waiting = false
        clearTimeout(givenUp)
        if (error !== null) return found(isQueueFull(error) ? tooMany(error) : markStoreFault(error), none)
        try {
          if (!guarded.has(connection)) require?.(connection)
        } catch (refused) {
          connection.destroy()
          return found(markStoreFault(refused), none)
        }
        const known = guarded.get(connection) ?? new GuardedConnection(connection, answerMs)
        guarded.set(connection, known)
        found(null, known)
      })
    },
  }
}

/** Beside an error there is no connection; Kysely's type knows no such case. */
const none = undefined as unknown as MysqlPoolConnection

const isQueueFull = ({ message }: Error): boolean => message === 'Queue limit reached.'

const tooMany = (cause: Error): StoreUnavailable =>
  unavailable('Too many requests wait for the database.', cause)

const unavailable = (message: string, cause?: Error): StoreUnavailable =>
  markStoreFault(new StoreUnavailable(message, { cause }))

type Answered = (error: unknown, result: MysqlQueryResult) => void

class GuardedConnection implements MysqlPoolConnection {
  readonly #connection: PoolConnection
  readonly #answerMs: number
  /** Why it was thrown away. What is still asked of it, such as a rollback, ends with this and hides it from nobody. */
  #lost: unknown

  constructor(connection: PoolConnection, answerMs: number) {
    this.#connection = connection
    this.#answerMs = answerMs
  }

  get config(): object {
    return this.#connection.config
  }

  get threadId(): number {
    return this.#connection.threadId
  }

  connect(done: (error: unknown) => void = () => undefined): void {
    this.#connection.connect(done)
  }

  query(sql: string, values: unknown, answered?: Answered): ReturnType<MysqlPoolConnection['query']> {
    if (answered === undefined) return this.#connection.query(sql, values as unknown[])
    if (this.#lost !== undefined) {
      answered(this.#lost, [])
      return notStreamed
    }
    const timeout = this.#answerMs
    this.#connection.query(
      { sql, values: values as unknown[], timeout },
      (error: QueryError | null, result) => {
        answered(error === null ? null : this.#told(error), result as MysqlQueryResult)
      },
    )
    return notStreamed
  }

  release(): void {
    this.#connection.release()
  }

  destroy(): void {
    this.#connection.destroy()
  }

  /** What is to be thrown; the connection is thrown away where it is of no use any more. */
  #told(error: QueryError): unknown {
    if (!isTimeout(error) && !isServerAway(error)) return markStoreFault(error)
    this.#lost = isTimeout(error)
      ? unavailable('The database did not answer in time.', error)
      : markStoreFault(error)
    this.#connection.destroy()
    return this.#lost
  }
}

const isTimeout = ({ code }: QueryError): boolean => code === 'PROTOCOL_SEQUENCE_TIMEOUT'

const notStreamed = {
  stream(): never {
    throw new Error('The answer goes to the callback.')
  },
}
