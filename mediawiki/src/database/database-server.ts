/**
 * The MariaDB server of the wikis, spoken to as its administrator. Each piece of work has connections of its own, and
 * each of them holds a lock of the wiki's on the server, which the server frees when we are gone and it has ended what
 * it was doing for us: two attempts never work on one wiki's database at once, nor does an undo while the act goes on.
 *
 * The administrator neither reads nor writes a row of a wiki's tables: in the place of a table there may be a view, and
 * what it calls would run with the administrator's rights. Rows are for a connection of the wiki's own user.
 */
import { createHmac } from 'node:crypto'
import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import {
  deniedErrors,
  demandsTls,
  requireIdentity,
  sessionStatements,
  TlsDemanded,
  tlsOptions,
  type MariadbTls,
} from '@wikistead/store'
import { databaseError, errnoOf } from './database-errors.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

export interface DatabaseServer {
  readonly socketPath?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Who may make databases, users and grants, and read the schema `mysql`. */
  readonly user: string
  readonly password?: string | undefined
  /** Of a host; none when left out. */
  readonly tls?: MariadbTls | undefined
}

export interface DatabaseWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

/** Whose rights a statement has. */
export interface Login {
  readonly user: string
  readonly password?: string | undefined
}

class DatabaseConnection {
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

/** For what is about a database, and runs nothing that is in it. Its errors are told by `databaseError`. */
export class AdminConnection extends DatabaseConnection {
  declare readonly whose: 'administrator'
}

/** For what is in a database, with the rights of its own user. Its errors are told already. */
export class WikiConnection extends DatabaseConnection {
  declare readonly whose: 'wiki'

  override run(statement: string, values?: readonly (string | number)[]): Promise<void> {
    return toldAsWiki(super.run(statement, values))
  }

  override rows<Row>(statement: string, values?: readonly (string | number)[]): Promise<Row[]> {
    return toldAsWiki(super.rows<Row>(statement, values))
  }
}

async function toldAsWiki<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw databaseError(error, 'wiki')
  }
}

/** One more connection, the wiki's own user's, of the number from 1 on; it waits for that of an earlier attempt. */
export type Connect = (number: number, wiki: Login) => Promise<WikiConnection>

/** Runs `act` under the wiki's lock; more connections, should it need them, end with it too. */
export async function withDatabaseServer<T>(
  server: DatabaseServer,
  database: string,
  work: DatabaseWork,
  act: (admin: AdminConnection, connect: Connect) => Promise<T>,
): Promise<T> {
  return withConnections(server, work, async (connect) => {
    const admin = new AdminConnection(await connect(server))
    await takeLock(admin, lockName(server, database, 0))
    return act(admin, async (number, login) => {
      const wiki = new WikiConnection(await toldAsWiki(connect(login)))
      await takeLock(wiki, lockName(server, database, number))
      return wiki
    })
  })
}

/** Runs `act` as the wiki's own user, under no lock. @throws Refusal `database_rights_missing` when it is not let in */
export async function withWikiDatabase<T>(
  server: DatabaseServer,
  wiki: Login,
  work: DatabaseWork,
  act: (connection: WikiConnection) => Promise<T>,
): Promise<T> {
  return withConnections(server, work, async (connect) =>
    act(new WikiConnection(await toldAsWiki(connect(wiki)))),
  )
}

/** That it answers, and of which version it is. */
export async function databaseVersion(server: DatabaseServer, work: DatabaseWork): Promise<string> {
  return withConnections(server, work, async (connect) => {
    const [row] = await new AdminConnection(await connect(server)).rows<{ readonly version: string }>(
      'SELECT VERSION() AS version',
    )
    return row?.version ?? ''
  })
}

async function withConnections<T>(
  server: DatabaseServer,
  { signal, deadlineMs = 50_000 }: DatabaseWork,
  act: (connect: (login: Login) => Promise<Connection>) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const deadline = AbortSignal.timeout(deadlineMs)
  const stopped = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const connections = new Set<Connection>()
  const connect = async (login: Login): Promise<Connection> => {
    const connection = await open(server, login)
    connections.add(connection)
    // The statement that waits is told of it; without a listener it would also end the process.
    connection.on('error', () => undefined)
    if (stopped.aborted) connection.destroy()
    for (const statement of session) await connection.query(statement)
    return connection
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => {
    for (const connection of connections) connection.destroy()
    const late = new ProvisioningFault('MariaDB did not answer in time.', 'deadline')
    reject(signal?.aborted === true ? (signal.reason as Error) : late)
  }
  stopped.addEventListener('abort', abort)
  try {
    // A statement on a destroyed connection may never settle.
    return await Promise.race([act(connect), aborted])
  } catch (error) {
    throw databaseError(error)
  } finally {
    stopped.removeEventListener('abort', abort)
    // The lock is free by the time that we return.
    await Promise.all([...connections].map((connection) => connection.end().catch(() => undefined)))
  }
}

/** @throws an error with the driver's number, to be told by `databaseError` */
async function open(
  { socketPath, host, port, tls }: DatabaseServer,
  { user, password }: Login,
): Promise<Connection> {
  const login = { socketPath, host, port, user, password, tls }
  const connection = await createConnection({
    user,
    ...(socketPath !== undefined && { socketPath }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && socketPath === undefined && tlsOptions(tls, host ?? '')),
    charset: 'utf8mb4_bin',
    connectTimeout: 5_000,
  }).catch(async (error: unknown) => {
    throw deniedErrors.has(errnoOf(error) ?? 0) && (await demandsTls(login)) ? new TlsDemanded() : error
  })
  try {
    if (tls !== undefined && socketPath === undefined) {
      requireIdentity((connection as unknown as { readonly connection: object }).connection, host ?? '')
    }
  } catch (error) {
    connection.destroy()
    throw error
  }
  return connection
}

/**
 * Quotes mean what we mean by them, whatever the server's own mode; a row's 0 is copied as 0; who waits for a page view
 * to let go of a table does so for seconds, not for the day that is the default; and no foreign key that another wiki's
 * user has made to a table keeps it from going with its database.
 */
const session = sessionStatements({
  modes: ['NO_AUTO_VALUE_ON_ZERO'],
  isolation: 'repeatable read',
  variables: { lock_wait_timeout: 20, foreign_key_checks: 0 },
})

/** Any user of the server may take a lock of whatever name and keep it, so nobody but us can work out this one. */
function lockName({ password = '' }: DatabaseServer, database: string, number: number): string {
  const name = createHmac('sha256', password)
    .update(`${database}\0${String(number)}`)
    .digest('hex')
  // It has 64 characters at most.
  return `wikistead.${name.slice(0, 32)}`
}

async function takeLock(connection: DatabaseConnection, name: string): Promise<void> {
  const [row] = await connection.rows<{ got: number | null }>('SELECT GET_LOCK(?, 10) AS got', [name])
  if (row?.got !== 1) {
    throw new ProvisioningFault("Another attempt is still at work on the wiki's database.", 'locked')
  }
}
