/**
 * The whole of it on one machine: Temporal's services apart over PostgreSQL, HAProxy before its frontends, MariaDB, Redis,
 * a FedWiki farm, and two or more of each of ours. Everything in it is a process that can be killed.
 */
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Client, Connection } from '@temporalio/client'
import { startFarm, startGuard } from '@wikistead/fedwiki-farm'
import { buildTemplate, obtainMediaWikiTree } from '@wikistead/mediawiki-template'
import { startMariadb } from '@wikistead/test/mariadb'
import { createConnection } from 'mysql2/promise'
import { startBalancer } from './balancer.ts'
import type { Found } from './compare.ts'
import { bootstrapToken, hostNames, ourProcesses, thisCheckout, type Count, type Ours } from './ours.ts'
import { keptAlive, type Mortal, type Process } from './mortal.ts'
import { startPostgres } from './postgres.ts'
import { prepareNamespace } from './prepare-namespace.ts'
import { startRedis } from './redis.ts'
import { StoreSeen } from './store-seen.ts'
import { startCluster } from './temporal-cluster.ts'
import { temporalPrograms } from './temporal-programs.ts'

const parentDomain = 'wiki.localhost'
const adminHost = `admin.${parentDomain}`
const adminToken = 'a-token-for-drills-only-0123456789abcdef'
const database = 'wikistead_drill'
const namespace = 'wikistead'
/** Of a MariaDB that nobody has set up otherwise. */
const usualConnections = 151
/** More would only wait for the processor. */
const startedAtOnce = 6
const members = ['ada', 'bea', 'cy', 'dee']

export interface World extends AsyncDisposable {
  readonly ours: Ours
  /** All that others run: what they are called, one each. */
  readonly others: readonly Mortal[]
  /** Those that count how often they ended by themselves. */
  readonly processes: readonly Process[]
  readonly store: StoreSeen
  readonly urls: readonly string[]
  /** One a member. */
  readonly tokens: readonly string[]
  /** What is there now. */
  look(): Promise<Found>
}

export interface WorldOptions {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whose programs ours are at first. */
  readonly checkout: string
  readonly count: Count
  readonly say: (line: string) => void
}

export async function startWorld({ folder, env, checkout, count, say }: WorldOptions): Promise<World> {
  await using started = new AsyncDisposableStack()
  // PostgreSQL's user walks through it.
  await chmod(folder, 0o711)
  const programs = await temporalPrograms(env, say)
  say('starting PostgreSQL and the services of Temporal')
  const postgres = await startPostgres(join(folder, 'postgresql'))
  started.use(postgres.process)
  const cluster = await startCluster(join(folder, 'temporal'), programs, postgres)
  for (const member of cluster.members) started.use(member)
  const balancer = await startBalancer(folder, cluster.frontends)
  started.use(balancer.process)
  say('starting MariaDB, Redis and a FedWiki farm')
  const redis = await startRedis(join(folder, 'redis'))
  started.use(redis.process)
  const mariadb = started.use(await startMariadb(join(folder, 'mariadb')))
  const admin = { user: 'farm_admin', password: 'the-admin-of-the-drill' }
  await prepareDatabase(mariadb.socketPath, admin)
  const farm = started.use(await startFarm({ folder: join(folder, 'farm'), adminHost, adminToken }))
  const guard = started.use(await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm }))
  const template = await makeTemplate(folder, env, say)

  const temporal = { 'temporal-address': balancer.address, 'temporal-namespace': namespace }
  const ourEnv = { PATH: env['PATH'] ?? '/usr/bin:/bin', HOME: folder }
  say(await prepareNamespace(thisCheckout, temporal, ourEnv))
  const hostSettings = (host: string) => ({
    'wikifarm-dir': join(folder, host, 'wikis'),
    'wikifarm-oauth-dir': join(folder, host, 'oauth'),
  })
  for (const host of hostNames(count)) {
    for (const each of Object.values(hostSettings(host))) await mkdir(each, { recursive: true })
  }
  const ours = await ourProcesses({
    ...{ folder, checkout, count, hostSettings, env: ourEnv },
    settings: {
      ...temporal,
      'store-url': `mariadb://root@localhost/${database}?socket=${mariadb.socketPath}`,
      'redis-server': redis.address,
      ...{ console: 'false', 'rate-limits': 'false', 'log-level': 'warn' },
      'fedwiki-farm-url': `http://127.0.0.1:${String(guard.port)}`,
      ...{ 'fedwiki-parent-domain': parentDomain, 'fedwiki-admin-host': adminHost },
      ...{ 'fedwiki-admin-token': adminToken, 'fedwiki-site-limit': '100000' },
      ...hostSettings('host-1'),
      ...{ 'wikifarm-template': template, 'wikifarm-runner': 'host', 'mediawiki-wiki-limit': '100000' },
      'wikifarm-php-user': `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`,
      ...{ 'wiki-root-host': 'wikis.example', 'wiki-db-host': `127.0.0.1:${String(mariadb.port)}` },
      ...{ 'wiki-db-admin-user': admin.user, 'wiki-db-admin-password': admin.password },
    },
  })
  say(
    `starting ${String(count.apis)} APIs, ${String(count.workers)} workers and ${String(count.hosts)} hosts`,
  )
  for (const one of ours.all) started.use(one)
  const [firstApi] = ours.apis
  // The first makes the tables; the others find them.
  await firstApi?.process.start()
  const rest = ours.all.filter((one) => one !== firstApi?.process)
  while (rest.length > 0) await Promise.all(rest.splice(0, startedAtOnce).map((one) => one.start()))
  const urls = ours.apis.map(({ url }) => url)
  const tokens = await makeMembers(
    urls[0] ?? '',
    firstApi === undefined ? '' : await bootstrapToken(firstApi),
  )
  const store = started.use(new StoreSeen(mariadb.socketPath, database, parentDomain))
  const connection = Connection.lazy({ address: balancer.address })
  started.defer(() => connection.close())
  const client = new Client({ connection, namespace })
  const running = started.move()

  return {
    ...{ ours, store, urls, tokens },
    processes: [...cluster.members, balancer.process, postgres.process, redis.process, ...ours.all],
    others: [
      ...cluster.members,
      ...[balancer.process, postgres.process],
      keptAlive('mariadb', () => mariadb.state),
      redis.process,
      keptAlive('fedwiki farm', () => farm.state),
    ],
    async look() {
      const wikiFolders = ours.hosts.map(({ wikisFolder }) => wikisFolder)
      const keyFolders = ours.hosts.map(({ name }) => hostSettings(name)['wikifarm-oauth-dir'])
      const tasks = []
      for (const task of await store.tasks()) {
        const described = client.workflow.getHandle(task.taskId).describe()
        tasks.push({
          ...task,
          workflow: await described.then(
            ({ status }) => status.name,
            () => undefined,
          ),
        })
      }
      const runningIds: string[] = []
      for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
        runningIds.push(workflowId)
      }
      return {
        ...{ tasks, running: runningIds, wikis: await store.wikis(), alarms: await store.alarms() },
        sites: (await readdir(farm.sitesFolder))
          .filter((name) => name.endsWith(`.${parentDomain}`) && name !== adminHost)
          .map((name) => store.withoutParent(name)),
        folders: await namesIn(wikiFolders),
        keys: await namesIn(keyFolders),
        // A database's name has an underscore where the wiki's has a hyphen.
        databases: (await store.databases(database)).map((name) => name.replaceAll('_', '-')),
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function prepareDatabase(
  socketPath: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  const root = await createConnection({ socketPath, user: 'root' })
  try {
    await root.query(`SET GLOBAL max_connections = ${String(usualConnections)}`)
    await root.query(`CREATE DATABASE ${database}`)
    await root.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`)
    await root.query(`GRANT ALL PRIVILEGES ON *.* TO ${user}@'%' WITH GRANT OPTION`)
  } finally {
    await root.end()
  }
}

async function makeTemplate(
  folder: string,
  env: WorldOptions['env'],
  say: (line: string) => void,
): Promise<string> {
  const cacheFolder = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  const tree = await obtainMediaWikiTree({ named: env['WIKISTEAD_MEDIAWIKI'], cacheFolder, onProgress: say })
  const target = join(folder, 'template')
  const core = join(folder, 'core')
  await buildTemplate({ mediawikiTree: tree.path, target, thin: true, core, scheme: 'http' })
  return target
}

async function makeMembers(url: string, token: string): Promise<readonly string[]> {
  const tokens: string[] = []
  for (const name of members) {
    const answer = await fetch(`${url}/v1/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, subject: `drill-${name}` }),
    })
    const { token: theirs } = (await answer.json()) as { readonly token?: string }
    if (theirs === undefined) throw new Error(`no member was made: ${String(answer.status)}`)
    tokens.push(theirs)
  }
  return tokens
}

/** Of wikis: what begins with a dot is the host's own. */
async function namesIn(folders: readonly string[]): Promise<string[]> {
  const names = await Promise.all(folders.map((folder) => readdir(folder)))
  return names.flat().filter((name) => !name.startsWith('.'))
}
