/** What other programs do for us: the store's database, Temporal, Redis, name servers. None of it is changed. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import type { Config } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { proveControl } from '@wikistead/fedwiki'
import { redisLive, tailingLive } from '@wikistead/live'
import { lookForTemporalCli } from '@wikistead/processes'
import { SetupError } from '@wikistead/processes/setup-error'
import { cacheFolder } from '../parts/cache-folder.ts'
import { namedTemporal, withNamedCli, type TemporalPlace } from '../parts/connect-temporal.ts'
import type { Environment } from '../parts/environment.ts'
import { pendingInStore, storePlace } from '../parts/open-store.ts'
import type { Running } from '../parts/running.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

const patienceMs = 4_000

export async function checkStore(config: Config): Promise<Check> {
  const { storeUrl } = config
  const place = storePlace(config)
  if (storeUrl.engine === 'sqlite' && !existsSync(storeUrl.filename)) {
    return fine('store', `${place} is made at the first start`)
  }
  try {
    const pending = await withinMs(patienceMs, pendingInStore(config))
    const state = pending.length === 0 ? 'up to date' : `the next start migrates it (${pending.join(', ')})`
    return fine('store', `${place}, ${state}`)
  } catch (error) {
    if (error instanceof SetupError) {
      return broken('store', `${place}: ${inWords(error)}`, 'Bring this machine to that release.')
    }
    const mend =
      storeUrl.engine === 'sqlite'
        ? 'Put a backup in its place, or name another with store-url.'
        : 'Start the database, or mend store-url and store-password.'
    return broken('store', `${place}: ${inWords(error)}`, mend)
  }
}

export async function checkTemporal(
  config: Config,
  env: Environment['env'],
  running: Running | undefined,
): Promise<Check> {
  const named = namedTemporal(config, env)
  if (named !== undefined) return askTemporal(named)
  if (running !== undefined) {
    const connectionOptions = { address: running.temporal }
    return askTemporal({ connectionOptions, namespace: 'default', explanation: 'Temporal: the embedded one' })
  }
  try {
    const search = { env: withNamedCli(config, env), cacheFolder: cacheFolder(env, config.dataFolder) }
    const { cli, whyNot, go } = await lookForTemporalCli(search)
    if (cli !== undefined) return fine('temporal', cli.explanation.replace(/^Temporal: /, ''))
    const missing = `no CLI yet (${whyNot.join('; ')})`
    if (go !== undefined) return fine('temporal', `${missing}; the first start builds one with ${go}`)
    return broken(
      'temporal',
      `${missing}, and no Go to build one`,
      'Install Go or the temporal CLI, or set TEMPORAL_ADDRESS; where the network allows, the first start downloads it.',
    )
  } catch (error) {
    return broken('temporal', inWords(error), 'Mend temporal-cli, or leave it out.')
  }
}

async function askTemporal({ connectionOptions, namespace, explanation }: TemporalPlace): Promise<Check> {
  const connection = Connection.lazy(connectionOptions)
  try {
    await connection.withDeadline(Date.now() + patienceMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    )
    return fine('temporal', `${explanation.replace(/^Temporal: /, '')} at ${connectionOptions.address ?? ''}`)
  } catch (error) {
    return broken(
      'temporal',
      `${connectionOptions.address ?? ''}, namespace ${namespace}: ${saidByTemporal(error)}`,
      'Start Temporal, or mend temporal-address and temporal-namespace.',
    )
  } finally {
    await connection.close().catch(() => undefined)
  }
}

/** gRPC's own words for an absence are no help. */
function saidByTemporal(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  if (code === status.DEADLINE_EXCEEDED || code === status.UNAVAILABLE) return 'does not answer'
  return code === status.NOT_FOUND ? 'there is no such namespace' : inWords(error)
}

const status = { DEADLINE_EXCEEDED: 4, NOT_FOUND: 5, UNAVAILABLE: 14 }

export async function checkRedis({ redisServer, redisPassword }: Config): Promise<Check> {
  if (redisServer === undefined) return fine('redis', 'not set; live events need none')
  await using live = redisLive({
    server: redisServer,
    fallback: tailingLive({ lastSeqs: async () => new Map() }),
    ...(redisPassword !== undefined && { password: redisPassword.reveal() }),
  })
  const deadline = performance.now() + patienceMs
  while (!live.health().ok && performance.now() < deadline) await sleep(25)
  const { ok, detail } = live.health()
  const place = detail.split(';', 1)[0] ?? ''
  if (ok) return fine('redis', place)
  return doubtful(
    'redis',
    place,
    'Start Redis, or mend redis-server and redis-password; events are late until then.',
  )
}

/** Whether the name servers answer at all: nobody has proven a name that was made up just now. */
export async function checkNameServers(config: Config): Promise<Check> {
  const name = 'custom domains'
  const { fedwikiCustomDomains, fedwikiCustomDomainSecret: secret, fedwikiDnsServers: servers } = config
  if (!fedwikiCustomDomains) return fine(name, 'off')
  const asked = servers.length > 0 ? servers.join(', ') : "the system's name servers"
  const domain = `${randomBytes(8).toString('hex')}.${config.fedwikiParentDomain}`
  try {
    await proveControl(domain, 1, {
      ...{ secret: secret?.reveal() ?? '', servers, timeoutMs: patienceMs },
    })
    return fine(name, `${asked} answer`)
  } catch (error) {
    if (error instanceof Refusal) return fine(name, `${asked} answer`)
    return broken(
      name,
      `${asked}: ${inWords(error)}`,
      'Mend fedwiki-dns-servers, or set fedwiki-custom-domains to false.',
    )
  }
}

async function withinMs<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = new AbortController()
  try {
    return await Promise.race([
      promise,
      sleep(ms, undefined, { signal: late.signal }).then(() => {
        throw new Error('no answer')
      }),
    ])
  } finally {
    late.abort()
    promise.catch(() => undefined)
  }
}
