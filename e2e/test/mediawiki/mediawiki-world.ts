/**
 * A MediaWiki farm for tests: a MariaDB of its own, a thin template of the real MediaWiki, and Wikistead over them, whose
 * scripts run on this machine. What it holds is counted, so that a test can say that nothing is left.
 */
import { eventually } from '@wikistead/test/eventually'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSearchStandIn, type SearchStandIn } from '@wikistead/mediawiki/test/search-stand-in'
import { thinTemplate } from '@wikistead/mediawiki-template/test/test-farm'
import { startMariadb } from '@wikistead/test/mariadb'
import { startStack, type Stack, type StackOptions } from '@wikistead/test/stack'
import { putCirrusInto, type CirrusParts } from './cirrus-parts.ts'
import { controlScripts, standInForCirrusSearch, type Scripts } from './mediawiki-scripts.ts'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect } from 'vitest'
import type { TaskRow } from '@wikistead/store'

const rootHost = 'wikis.example'
/** No other test that runs beside this one has it. */
export const adminPassword = `the-admin-of-the-test-farm-${randomBytes(8).toString('hex')}`
const admin = { user: 'farm_admin', password: adminPassword }

export interface MediaWikiWorld extends AsyncDisposable {
  readonly stack: Stack
  readonly wikisFolder: string
  readonly oauthFolder: string
  readonly template: string
  /** As root of its MariaDB. */
  sql(statement: string): Promise<RowDataPacket[]>
  /** Takes rights from the administrator, or gives them back. */
  revoke(rights: string): Promise<unknown>
  grant(rights: string): Promise<unknown>
  /** Asks for a wiki and does not wait for it; returns the task. */
  create(slug: string, more?: Readonly<Record<string, unknown>>): Promise<string>
  /** Asks the API and does not wait for the end; returns the task. */
  ask(method: string, path: string, body?: unknown): Promise<string>
  ended(taskId: string): Promise<TaskRow>
  events(taskId: string): Promise<readonly Record<string, unknown>[]>
  /** Until it is disposed of, users can be read and none can be made or removed. */
  lockUsers(): Promise<AsyncDisposable>
  cancel(taskId: string): Promise<void>
  /** Asks for another life of a task that failed. */
  retry(taskId: string): Promise<void>
  readonly scripts: Scripts
  /** With `cirrusStandIn`. */
  readonly search: SearchStandIn | undefined
  /** SIGTERM; `startMariadb` brings it back on its folder and port. */
  stopMariadb(): Promise<void>
  startMariadb(): Promise<void>
  /** SIGKILL; its supervisor brings it back. Resolves when it has. */
  killMariadb(): Promise<void>
  /** What there is of wikis: folders, keys, what is known of commands, databases, users and grants; a line each. */
  residue(): Promise<readonly string[]>
}

export interface MediaWikiWorldOptions extends Omit<StackOptions, 'farmUrl'> {
  /** Also the phases of `wikifarm-search: cirrus`, with stand-ins for its scripts and for OpenSearch. */
  readonly cirrusStandIn?: boolean
  /** CirrusSearch itself, over a real OpenSearch; see `cirrus-parts.ts`. */
  readonly cirrus?: CirrusParts
  /** More options of its MariaDB. */
  readonly mariadb?: readonly string[]
  /** Of the template: the extension for the hub, the port in the wikis' addresses. */
  readonly template?: Parameters<typeof thinTemplate>[1]
  /** The test brings the workers of the hosts itself: `startWorkerProcess` with these and `--host=NAME`. */
  readonly noHost?: boolean
}

export async function startMediaWikiWorld({
  cirrusStandIn = false,
  cirrus,
  noHost = false,
  mariadb: mariadbOptions = [],
  template: ofTemplate,
  ...options
}: MediaWikiWorldOptions = {}): Promise<MediaWikiWorld> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-farm-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [wikisFolder, oauthFolder, template] = [
    join(folder, 'wikis'),
    join(folder, 'oauth'),
    join(folder, 'template'),
  ]
  for (const each of [wikisFolder, oauthFolder]) await mkdir(each)
  const core = join(folder, 'core')
  await thinTemplate(template, { ...ofTemplate, ...(cirrus !== undefined && { core }) })
  if (cirrus !== undefined) await putCirrusInto(core, cirrus.extensions)
  const scripts = await controlScripts(template, join(folder, 'scripts'))
  if (cirrusStandIn) await standInForCirrusSearch(template)
  const search = cirrusStandIn ? started.use(await startSearchStandIn()) : undefined
  const searchServer = cirrus?.server ?? search?.server
  let mariadb = await startMariadb(join(folder, 'mariadb'), undefined, mariadbOptions)
  started.defer(() => mariadb[Symbol.asyncDispose]())
  const sql: MediaWikiWorld['sql'] = async (statement) => {
    const connection = await createConnection({ socketPath: mariadb.socketPath, user: 'root' })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(statement)
      return rows
    } finally {
      await connection.end()
    }
  }
  await sql(`CREATE USER ${admin.user}@'%' IDENTIFIED BY '${admin.password}'`)
  await sql(`GRANT ALL PRIVILEGES ON *.* TO ${admin.user}@'%' WITH GRANT OPTION`)
  const stack = started.use(
    await startStack({
      ...(!noHost && { host: 'here' }),
      ...options,
      settings: {
        'wikifarm-dir': wikisFolder,
        'wikifarm-oauth-dir': oauthFolder,
        'wikifarm-template': template,
        'wikifarm-runner': 'host',
        'wikifarm-php-user': `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`,
        'wiki-root-host': rootHost,
        'wiki-db-host': `127.0.0.1:${String(mariadb.port)}`,
        'wiki-db-admin-user': admin.user,
        'wiki-db-admin-password': admin.password,
        'mediawiki-wiki-limit': '1000',
        ...(searchServer !== undefined && {
          'wikifarm-search': 'cirrus',
          'opensearch-endpoint': searchServer.endpoint,
          'opensearch-user': searchServer.user ?? '',
          'opensearch-password': searchServer.password ?? '',
        }),
        ...options.settings,
      },
    }),
  )
  const running = started.move()

  const ask: MediaWikiWorld['ask'] = async (method, path, body) => {
    const answer = await stack.call(method, path, body, { headers: { prefer: 'respond-async' } })
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 202 })
    return String(answer.body['task_id'])
  }
  const commandsFolder = join(wikisFolder, '.commands')
  const names = async (parent: string) =>
    (await readdir(parent)).filter((name) => !['.commands', '.php'].includes(name))
  return {
    ...{ stack, wikisFolder, oauthFolder, template, sql, ask, scripts, search },
    revoke: (rights) => sql(`REVOKE ${rights} ON *.* FROM ${admin.user}@'%'`),
    grant: (rights) => sql(`GRANT ${rights} ON *.* TO ${admin.user}@'%' WITH GRANT OPTION`),
    create: (slug, more = {}) =>
      ask('POST', '/v1/wikis', { engine: 'mediawiki', name: 'A wiki', slug, language: 'en', ...more }),
    ended: (taskId) =>
      eventually(async () => {
        const task = await stack.store.tasks.get(taskId)
        expect(task, `${task.phase ?? ''}: ${task.message}`).toMatchObject({
          ended_at: expect.any(Number) as number,
        })
        return task
      }),
    async events(taskId) {
      const events = await stack.store.tasks.eventsAfter(taskId, 0, 100_000)
      return events.map(({ json }) => JSON.parse(json) as Record<string, unknown>)
    },
    async lockUsers() {
      const connection = await createConnection({ socketPath: mariadb.socketPath, user: 'root' })
      connection.on('error', () => undefined)
      await connection.query('LOCK TABLES mysql.global_priv READ')
      return {
        [Symbol.asyncDispose]: async () => {
          await connection.end().catch(() => undefined)
        },
      }
    },
    async cancel(taskId) {
      expect(await stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({ status: 202 })
    },
    async retry(taskId) {
      expect(await stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({ status: 202 })
    },
    stopMariadb: () => mariadb[Symbol.asyncDispose](),
    async startMariadb() {
      mariadb = await startMariadb(join(folder, 'mariadb'), mariadb.port, mariadbOptions)
    },
    async killMariadb() {
      const { pid, restarts } = mariadb.state
      if (pid === undefined) throw new Error('MariaDB does not run')
      process.kill(-pid, 'SIGKILL')
      await eventually(() => {
        expect(mariadb.state).toMatchObject({ kind: 'ready', restarts: restarts + 1 })
      })
    },
    async residue() {
      const own = "('mysql', 'sys', 'information_schema', 'performance_schema')"
      const databases = await sql(
        `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ${own}`,
      )
      const users = await sql(
        `SELECT User AS name FROM mysql.user WHERE User NOT IN ('root', 'mariadb.sys', '${admin.user}', '')`,
      )
      const grants = await sql(
        "SELECT CONCAT(User, ' on ', Db) AS name FROM mysql.db WHERE User NOT IN ('mariadb.sys', '') UNION SELECT CONCAT(User, ' on ', Db, '.', Table_name) FROM mysql.tables_priv WHERE User <> 'mariadb.sys'",
      )
      const listed = (what: string, rows: readonly RowDataPacket[]) =>
        rows.map(({ name }) => `${what} ${String(name)}`)
      return [
        ...(await names(wikisFolder)).map((name) => `folder ${name}`),
        ...(await names(oauthFolder)).map((name) => `keys ${name}`),
        ...(existsSync(commandsFolder) ? await readdir(commandsFolder) : []).map((name) => `command ${name}`),
        ...listed('database', databases),
        ...listed('user', users),
        ...listed('grant', grants),
      ].sort()
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
