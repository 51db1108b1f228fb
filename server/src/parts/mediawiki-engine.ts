/** The MediaWiki engine's outside world as the configuration has it: where commands run, and the wikis' database. */
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import type { HealthPart } from '@wikistead/api'
import { hideSecrets } from '@wikistead/contracts/hide-secrets'
import {
  createDockerRunner,
  createHostRunner,
  createPortainerRunner,
  databaseVersion,
  type DatabaseServer,
  type FileOwner,
  type HostRunnerOptions,
  type RedisDeps,
  type Runner,
  type SearchDeps,
} from '@wikistead/mediawiki'
import { commandAs, layOut } from '@wikistead/processes'
import { SetupError } from '@wikistead/processes/setup-error'
import { mariadbTls, readPem } from './authority-file.ts'
import { phpRoom } from './php-room.ts'

/**
 * The runner that the settings mean. What is known of its commands is in `.commands` beside the wikis, which is no
 * slug, so no web server's.
 *
 * @param phpUser as `resolvePhpUser` finds it
 * @throws SetupError for a setting that is missing or cannot be used
 */
export function configuredRunner(config: Config, phpUser: FileOwner): Runner {
  const wikis = needed(config.wikifarmDir, 'wikifarm-dir')
  const common = { filesFolder: join(wikis, '.commands'), phpUser, redact: hideSecrets }
  if (config.wikifarmRunner === 'host') return createHostRunner({ ...common, ...hostRoom(config, phpUser) })
  const inContainer = {
    ...common,
    container: needed(config.wikifarmInstance, 'wikifarm-instance'),
    pathMap: [{ host: wikis, container: config.wikifarmContainerDir ?? wikis }],
  }
  if (config.wikifarmRunner === 'docker') {
    return createDockerRunner({
      ...inContainer,
      socketPath: config.dockerSocket,
      overTcp: dockerOverTcp(config),
    })
  }
  const endpoint = needed(config.portainerEndpoint, 'portainer-endpoint')
  const apiKey = needed(config.portainerKey, 'portainer-key').reveal()
  const ca = readPem('portainer-ca', config.portainerCa)
  try {
    return createPortainerRunner({ ...inContainer, endpoint, apiKey, ...(ca !== undefined && { ca }) })
  } catch (error) {
    if (error instanceof TypeError) throw new SetupError(`portainer-endpoint: ${error.message}`)
    throw error
  }
}

function dockerOverTcp({ dockerHost, dockerCaFile, dockerCertFile, dockerKeyFile }: Config) {
  if (dockerHost === undefined) return undefined
  const { hostname, port } = new URL(`tcp://${dockerHost}`)
  return {
    ...{ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) },
    ca: readPem('docker-ca-file', dockerCaFile),
    cert: readPem('docker-cert-file', needed(dockerCertFile, 'docker-cert-file')),
    key: readPem('docker-key-file', needed(dockerKeyFile, 'docker-key-file')),
  }
}

/** Root sees to it that PHP's user gets to the wikis below closed folders. */
function hostRoom(config: Config, phpUser: FileOwner): Pick<HostRunnerOptions, 'asUser'> {
  if (process.getuid?.() !== 0 || layOut(phpRoom(config, phpUser)).hide.length === 0) return {}
  return { asUser: (user, command) => commandAs(phpRoom(config, user), command) }
}

/** The wikis' MariaDB, as its administrator. @throws SetupError for a setting that is missing */
export function databaseServer(config: Config): DatabaseServer {
  const address = new URL(`mariadb://${needed(config.wikiDbHost, 'wiki-db-host')}`)
  return {
    host: address.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.port),
    user: needed(config.wikiDbAdminUser, 'wiki-db-admin-user'),
    password: needed(config.wikiDbAdminPassword, 'wiki-db-admin-password').reveal(),
    tls: mariadbTls('wiki-db', config.wikiDbTls, config.wikiDbCaFile),
  }
}

/** Whether the MariaDB of the wikis answers and lets us in. */
export async function wikiDatabaseHealth(config: Config): Promise<HealthPart> {
  const part = 'mariadb'
  try {
    const version = await databaseVersion(databaseServer(config), { deadlineMs: 3_000 })
    return { part, ok: true, detail: version }
  } catch (error) {
    return {
      ...{ part, ok: false, detail: error instanceof Error ? error.message : 'no answer' },
      mend: 'Start MariaDB, or mend wiki-db-host, wiki-db-admin-user and wiki-db-admin-password. Tasks wait until then.',
    }
  }
}

/** Where the wikis keep their caches: our own login, and the one that they share where each cannot have its own. */
export function redisOfWikis({
  redisServer: url,
  redisPassword,
  redisCaFile,
  wikifarmRedisUser: user,
  wikifarmRedisPassword: shared,
}: Config): RedisDeps | undefined {
  if (url === undefined) return undefined
  return {
    server: { url, password: redisPassword?.reveal(), ca: readPem('redis-ca-file', redisCaFile) },
    ...(shared !== undefined && { shared: { user, password: shared.reveal() } }),
  }
}

/** Our own login to the wikis' search, and the one that they share where each cannot have its own. */
export function searchOfWikis(config: Config): SearchDeps | undefined {
  const { opensearchEndpoint: endpoint, opensearchUser, opensearchAdminUser } = config
  if (endpoint === undefined) return undefined
  const password = config.opensearchPassword?.reveal() ?? ''
  const shared = opensearchUser === undefined ? undefined : { user: opensearchUser, password }
  const own =
    opensearchAdminUser === undefined
      ? shared
      : { user: opensearchAdminUser, password: config.opensearchAdminPassword?.reveal() }
  const ca = readPem('opensearch-ca-file', config.opensearchCaFile)
  return { server: { endpoint, ca, ...own }, shared }
}

/** The configuration was refused without it, unless the engine is off. */
function needed<T>(value: T | undefined, setting: string): T {
  if (value === undefined) throw new SetupError(`${setting} is missing: the MediaWiki engine needs it.`)
  return value
}
