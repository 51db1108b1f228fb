/** What other programs do for us: the store's database, Redis, name servers. None of it is changed. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { proveControl } from '@wikistead/fedwiki'
import { redisLive, tailingLive } from '@wikistead/live'
import { SetupError } from '@wikistead/processes/setup-error'
import { lookAtStore, storePlace, whyStoreFails } from '../parts/open-store.ts'
import { readPem } from '../parts/authority-file.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

const patienceMs = 4_000

export async function checkStore(config: Config): Promise<Check> {
  const { storeUrl } = config
  const place = storePlace(config)
  if (storeUrl.engine === 'sqlite' && !existsSync(storeUrl.filename)) {
    return fine('store', `${place} is made at the first start`)
  }
  try {
    const pending = await withinMs(patienceMs, lookAtStore(config))
    const state = pending.length === 0 ? 'up to date' : `the next start migrates it (${pending.join(', ')})`
    return fine('store', `${place}, ${state}`)
  } catch (error) {
    if (error instanceof SetupError) {
      return broken('store', `${place}: ${inWords(error)}`, 'Bring this machine to that release.')
    }
    const state = await whyStoreFails(config, error)
    if (state !== undefined) return broken('store', `${place} ${state.detail}`, state.mend)
    const mend =
      storeUrl.engine === 'sqlite'
        ? 'Put a backup in its place, or name another with store-url.'
        : 'Start the database, or mend store-url and store-password.'
    return broken('store', `${place}: ${inWords(error)}`, mend)
  }
}

export async function checkRedis({ redisServer, redisPassword, redisCaFile }: Config): Promise<Check> {
  if (redisServer === undefined) return fine('redis', 'not set; live events need none')
  await using live = redisLive({
    server: redisServer,
    fallback: tailingLive({ lastSeqs: async () => new Map() }),
    ca: readPem('redis-ca-file', redisCaFile),
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
    'Start Redis, or mend redis-server, redis-password and redis-ca-file; events are late until then.',
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
