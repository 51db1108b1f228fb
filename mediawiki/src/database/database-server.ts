/**
 * The MariaDB server of the wikis, spoken to as its administrator. Each piece of work has connections of its own, and
 * each of them holds a lock of the wiki's on the server, which the server frees when we are gone and it has ended what
 * it was doing for us: two attempts never work on one wiki's database at once, nor does an undo while the act goes on.
 */
import { createHash } from 'node:crypto'
import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { databaseError } from './database-errors.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

export interface DatabaseServer {
  readonly socketPath?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Who may make databases, users and grants, and read the schema `mysql`. */
  readonly user: string
  readonly password?: string | undefined
}

export interface DatabaseWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

/** One connection; its errors are told by `databaseError`. */
export class AdminConnection {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async run(statement: string, values: readonly (string | number)[] = []): Promise<void> {
    await this.#connection.query<ResultSetHeader>(statement, [...values])
  }

  async rows<Row>(statement: string, values: readonly (string | number)[] = []): Promise<Row[]> {
    const [rows] = await this.#connection.query<(Row & RowDataPacket)[]>(statement, [...values])
    return rows
  }
}

/** One more connection, of the number from 1 on; it waits for that of an earlier attempt. */
export type Connect = (number: number) => Promise<AdminConnection>

/** Runs `act` under the wiki's lock; more connections, should it need them, end with it too. */
export async function withDatabaseServer<T>(
  server: DatabaseServer,
  database: string,
  { signal, deadlineMs = 50_000 }: DatabaseWork,
  act: (admin: AdminConnection, connect: Connect) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const deadline = AbortSignal.timeout(deadlineMs)
  const stopped = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const connections = new Set<Connection>()
  const connect = async (number: number): Promise<AdminConnection> => {
    const connection = await open(server)
    connections.add(connection)
    // The statement that waits is told of it; without a listener it would also end the process.
    connection.on('error', () => undefined)
    if (stopped.aborted) connection.destroy()
    await connection.query(session)
    const admin = new AdminConnection(connection)
    await takeLock(admin, database, number)
    return admin
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => {
    for (const connection of connections) connection.destroy()
    const late = new ProvisioningFault('MariaDB did not answer in time.', 'deadline')
    reject(signal?.aborted === true ? (signal.reason as Error) : late)
  }
  stopped.addEventListener('abort', abort)
  const work = async (): Promise<T> => act(await connect(0), connect)
  try {
    // A statement on a destroyed connection may never settle.
    return await Promise.race([work(), aborted])
  } catch (error) {
    throw databaseError(error)
  } finally {
    stopped.removeEventListener('abort', abort)
    // The lock is free by the time that we return.
    await Promise.all([...connections].map((connection) => connection.end().catch(() => undefined)))
  }
}

/** @throws an error with the driver's number, to be told by `databaseError` */
async function open({ socketPath, host, port, user, password }: DatabaseServer): Promise<Connection> {
  return createConnection({
    user,
    ...(socketPath !== undefined && { socketPath }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(password !== undefined && { password }),
    charset: 'utf8mb4_bin',
    connectTimeout: 5_000,
  })
}

/**
 * Quotes mean what we mean by them, whatever the server's own mode; a row's 0 is copied as 0; who waits for a page view
 * to let go of a table does so for seconds, not for the day that is the default.
 */
const session =
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO', lock_wait_timeout = 20"

async function takeLock(admin: AdminConnection, database: string, number: number): Promise<void> {
  // The name of a lock has 64 characters at most.
  const name = `wikistead.${createHash('sha256').update(database).digest('hex').slice(0, 32)}.${String(number)}`
  const [row] = await admin.rows<{ got: number | null }>('SELECT GET_LOCK(?, 10) AS got', [name])
  if (row?.got !== 1) {
    throw new ProvisioningFault("Another attempt is still at work on the wiki's database.", 'locked')
  }
}
