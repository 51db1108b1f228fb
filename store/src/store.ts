/** The control plane's own database: the one place that speaks SQL to it. */
import type { Line } from '@wikistead/contracts'
import { Kysely, sql, type Dialect } from 'kysely'
import { Accounts } from './people/accounts.ts'
import { Alarms } from './farm/alarms.ts'
import { Audit } from './farm/audit.ts'
import { AuditSeals } from './farm/audit-seals.ts'
import { Figures } from './farm/figures.ts'
import { Hosts } from './farm/hosts.ts'
import { Incidents } from './farm/incidents.ts'
import { Instances } from './farm/instances.ts'
import { Invitations } from './people/invitations.ts'
import { Leases } from './farm/leases.ts'
import { Ledger } from './tasks/ledger.ts'
import { Lines } from './tasks/lines.ts'
import type { MariadbOptions } from './database/mariadb-dialect.ts'
import { migrate, missingMigrations } from './migrations/migrate.ts'
import { migrations } from './migrations/migrations.ts'
import type { StoreEngine } from './database/store-engine.ts'
import { nodeSqliteDialect } from './database/node-sqlite-dialect.ts'
import { OldRows } from './farm/old-rows.ts'
import { Once } from './people/once.ts'
import { Passkeys } from './people/passkeys.ts'
import { RecoveryCodes } from './people/recovery-codes.ts'
import { OpenidClients } from './people/openid-clients.ts'
import { OpenidKeys } from './people/openid-keys.ts'
import { OpenidRows } from './people/openid-rows.ts'
import { Sessions } from './people/sessions.ts'
import type { SessionLife } from './people/session-life.ts'
import { Samples } from './farm/samples.ts'
import { Settings } from './farm/settings.ts'
import { ReadInvitations } from './wikis/read-invitations.ts'
import { Snapshots } from './wikis/snapshots.ts'
import { StoreClock } from './database/store-clock.ts'
import { codesOf, isContention } from './database/store-errors.ts'
import { describeStoreFault, type StoreState } from './database/store-states.ts'
import type { Tables } from './database/tables.ts'
import { TaskReader } from './tasks/task-reader.ts'
import { TaskWriter, type Touched } from './tasks/task-writer.ts'
import { Suspensions } from './wikis/suspensions.ts'
import { Texts } from './wikis/texts.ts'
import { Tokens } from './people/tokens.ts'
import { Transfers } from './people/transfers.ts'
import { Users } from './people/users.ts'
import { Wikis } from './wikis/wikis.ts'

export type StoreConfig =
  { readonly engine: 'sqlite'; readonly filename: string } | ({ readonly engine: 'mariadb' } & MariadbOptions)

interface Repositories<TaskAccess extends TaskReader> {
  readonly accounts: Accounts
  readonly alarms: Alarms
  readonly audit: Audit
  readonly auditSeals: AuditSeals
  readonly figures: Figures
  readonly hosts: Hosts
  readonly incidents: Incidents
  readonly instances: Instances
  readonly invitations: Invitations
  readonly leases: Leases
  readonly ledger: Ledger
  readonly lines: Lines
  readonly old: OldRows
  readonly once: Once
  readonly samples: Samples
  readonly passkeys: Passkeys
  readonly recoveryCodes: RecoveryCodes
  readonly openidClients: OpenidClients
  readonly openidKeys: OpenidKeys
  readonly openidRows: OpenidRows
  readonly readInvitations: ReadInvitations
  readonly sessions: Sessions
  readonly settings: Settings
  readonly snapshots: Snapshots
  readonly suspensions: Suspensions
  readonly tasks: TaskAccess
  readonly texts: Texts
  readonly tokens: Tokens
  readonly transfers: Transfers
  readonly users: Users
  readonly wikis: Wikis
  /** What time it is in the store, for all that is written to it or compared with what is there. */
  now(): number
}

/** The repositories inside one transaction. Never use the store itself there: SQLite would wait for ever. */
export type Scope = Repositories<TaskWriter>

export interface Store extends AsyncDisposable, Repositories<TaskReader> {
  readonly engine: StoreEngine
  /** All or nothing; run again when another transaction was in the way, so `act` must have no other effect. */
  transaction<T>(act: (scope: Scope) => Promise<T>): Promise<T>
  /** Hears of each task that a committed transaction of this store wrote to. */
  onTaskCommitted(listener: (taskId: string) => void): void
  /** Hears of each line in which a committed transaction of this store left a place to the next. */
  onPlaceLeft(listener: (line: Line) => void): void
  /** @throws when the database does not answer */
  ping(): Promise<void>
  /** Writes something that means nothing. @throws when the database does not take it, as a replica does not */
  takeWrite(): Promise<void>
  /** Compares our idea of the store's time with the database's; to be done every few seconds. */
  keepTime(): Promise<void>
}

/** A statement that was asked of the database, and how long it took. */
export interface Asked {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly ms: number
}

export interface StoreOptions {
  /** Hears of each statement. */
  readonly listener?: (asked: Asked) => void
  /** How long sessions of operators and admins last; the usual when left out. */
  readonly operatorSessions?: SessionLife | undefined
}

/** Opens the store and brings its tables up to date. @throws StoreTooNew */
export async function openStore(
  config: StoreConfig,
  { listener, operatorSessions }: StoreOptions = {},
): Promise<Store> {
  const { engine } = config
  const db = new Kysely<Tables>({
    dialect: await dialectOf(config),
    ...(listener !== undefined && {
      log: ({ query: { sql, parameters }, queryDurationMillis: ms }) => listener({ sql, parameters, ms }),
    }),
  })
  const clock = new StoreClock(engine)
  try {
    if (config.engine === 'mariadb') await migrateInItsOwnTime(config)
    else await retryOnContention(() => migrate(asUntyped(db), engine, migrations(engine)))
    await clock.set(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const listeners: ((taskId: string) => void)[] = []
  const placeListeners: ((line: Line) => void)[] = []
  return {
    engine,
    ...repositories(db, engine, clock, operatorSessions),
    tasks: new TaskReader(db, engine, clock),
    async transaction(act) {
      const { result, touched } = await retryOnContention(async () => {
        const touched: Touched = { tasks: new Set(), lines: [] }
        const result = await db.transaction().execute((trx) =>
          act({
            ...repositories(trx, engine, clock, operatorSessions),
            tasks: new TaskWriter(trx, engine, clock, touched),
          }),
        )
        return { result, touched }
      })
      for (const taskId of touched.tasks) for (const listener of listeners) listener(taskId)
      for (const line of touched.lines) for (const listener of placeListeners) listener(line)
      return result
    },
    onTaskCommitted: (listener) => void listeners.push(listener),
    onPlaceLeft: (listener) => void placeListeners.push(listener),
    keepTime: () => clock.set(db),
    ping: async () => void (await sql`select 1`.execute(db)),
    takeWrite: () => new Settings(db, engine, clock).set('written_at', String(clock.now())),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

async function dialectOf(config: StoreConfig): Promise<Dialect> {
  if (config.engine === 'sqlite') return nodeSqliteDialect(config)
  // mysql2 costs 90 ms to load; the embedded default never needs it.
  const { mariadbDialect } = await import('./database/mariadb-dialect.ts')
  return mariadbDialect(config)
}

function repositories(
  db: Kysely<Tables>,
  engine: StoreEngine,
  clock: StoreClock,
  operatorSessions: SessionLife | undefined,
) {
  return {
    accounts: new Accounts(db, engine, clock),
    alarms: new Alarms(db, engine, clock),
    audit: new Audit(db, engine, clock),
    auditSeals: new AuditSeals(db, engine, clock),
    figures: new Figures(db, engine, clock),
    hosts: new Hosts(db, engine, clock),
    incidents: new Incidents(db, engine, clock),
    instances: new Instances(db, engine, clock),
    invitations: new Invitations(db, engine, clock),
    leases: new Leases(db, engine, clock),
    ledger: new Ledger(db, engine, clock),
    lines: new Lines(db, engine, clock),
    old: new OldRows(db, engine, clock),
    once: new Once(db, engine, clock),
    samples: new Samples(db, engine, clock),
    passkeys: new Passkeys(db, engine, clock),
    recoveryCodes: new RecoveryCodes(db, engine, clock),
    openidClients: new OpenidClients(db, engine, clock),
    openidKeys: new OpenidKeys(db, engine, clock),
    openidRows: new OpenidRows(db, engine, clock),
    readInvitations: new ReadInvitations(db, engine, clock),
    sessions: new Sessions(db, engine, clock, operatorSessions),
    settings: new Settings(db, engine, clock),
    snapshots: new Snapshots(db, engine, clock),
    suspensions: new Suspensions(db, engine, clock),
    texts: new Texts(db, engine, clock),
    tokens: new Tokens(db, engine, clock),
    transfers: new Transfers(db, engine, clock),
    users: new Users(db, engine, clock),
    wikis: new Wikis(db, engine, clock),
    now: () => clock.now(),
  }
}

/**
 * Names of the migrations that the database lacks, without running any: what opening the store would do.
 * @throws StoreTooNew, and when the database does not answer
 */
export async function pendingMigrations(config: StoreConfig): Promise<string[]> {
  const { engine } = config
  await using db = new Kysely<unknown>({ dialect: await dialectOf(config) })
  return (await missingMigrations(db, engine, migrations(engine))).map(({ name }) => name)
}

/** Tries whether a write would be taken, of a store that has tables; nothing is changed. @throws when none would */
export async function tryWrite(config: StoreConfig): Promise<void> {
  await using db = new Kysely<unknown>({ dialect: await dialectOf(config) })
  await db.transaction().execute((trx) => sql`delete from wikifarm_settings where 1 = 0`.execute(trx))
}

/** What is wrong with it, where `error` was thrown for it; asks the database, where that alone can tell. */
export async function explainStoreFault(
  config: StoreConfig,
  error: unknown,
): Promise<StoreState | undefined> {
  const { mariadb } = codesOf(error)
  if (config.engine === 'mariadb' && mariadb !== undefined) {
    const { deniedErrors, demandsTls, TlsDemanded } = await import('./database/mariadb-tls.ts')
    if (deniedErrors.has(mariadb) && (await demandsTls(config))) return describeStoreFault(new TlsDemanded())
  }
  return describeStoreFault(error)
}

/** A large table takes longer to change than any request may take. */
async function migrateInItsOwnTime(config: StoreConfig & { readonly engine: 'mariadb' }): Promise<void> {
  const dialect = await dialectOf({ ...config, answerMs: 3_600_000, connections: 1 })
  await using db = new Kysely<unknown>({ dialect })
  await migrate(db, config.engine, migrations(config.engine))
}

async function retryOnContention<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act()
    } catch (error) {
      if (attempt === 20 || !isContention(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt))
    }
  }
}

/** Migrations know nothing of the tables as they are now. */
const asUntyped = (db: Kysely<Tables>): Kysely<unknown> => db as unknown as Kysely<unknown>
