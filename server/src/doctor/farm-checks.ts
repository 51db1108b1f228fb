import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Config } from '@wikistead/config'
import type { FarmManagerClient } from '@wikistead/fedwiki'
import { hasEmbeddedFarm, runningFarmDoor } from '../machine/embedded-farm.ts'
import { configuredFarm, farmHealth, openFarm, type FarmDoor } from '../parts/fedwiki-engine.ts'
import type { Running } from '../parts/running.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

/** The farm, as FarmManager answers us, whether a guard stands before it, and whom it asks for visitors. */
export async function checkFarm(config: Config, running: Running | undefined): Promise<Check[]> {
  const name = 'fedwiki farm'
  if (config.fedwikiFarmUrl === undefined && !hasEmbeddedFarm(config)) {
    return [fine(name, 'off: neither fedwiki-farm-url nor fedwiki-embedded-farm')]
  }
  let door: FarmDoor | undefined
  try {
    door = configuredFarm(config) ?? (await embeddedDoor(config, running))
  } catch (error) {
    return [broken(name, inWords(error), 'Set fedwiki-admin-token; for the embedded farm, start it again.')]
  }
  if (door === undefined) return [fine(name, 'embedded; `wikistead start` brings it up')]
  await using farm = openFarm(config, door)
  const { ok, detail, mend } = await farmHealth(farm)
  const health = ok
    ? fine(name, `${door.url}, ${detail}`)
    : broken(name, `${door.url}: ${detail}`, mend ?? '')
  return [health, await checkGuard(door), ...(ok ? [await checkConnections(farm)] : [])]
}

/** A farm asks whomever a visitor names. */
async function checkConnections(farm: FarmManagerClient): Promise<Check> {
  const name = 'farm requests'
  try {
    const { holdsConnections } = await farm.capabilities(AbortSignal.timeout(3_000))
    if (holdsConnections === true) return fine(name, 'to public addresses and those that the farm allows')
    return doubtful(
      name,
      'to any address that a visitor names, also those that only the farm’s machine reaches',
      'Install wiki-security-wikistead 0.2 or later on the farm, or keep its machine from private networks.',
    )
  } catch (error) {
    return doubtful(name, inWords(error), 'Start the farm.')
  }
}

async function embeddedDoor(config: Config, running: Running | undefined): Promise<FarmDoor | undefined> {
  return running?.farm === undefined ? undefined : runningFarmDoor(config, running.farm)
}

/**
 * A farm that nothing guards is ended by one harmful Host header. What is sent here is harmless to a bare farm: it asks
 * for a page, with a header that our guard refuses.
 */
async function checkGuard({ url, adminHost }: FarmDoor): Promise<Check> {
  try {
    const { status, body } = await ask(url, adminHost)
    if (status === 400 && body.includes('cannot stand for another')) return fine('guard', 'before the farm')
    return doubtful(
      'guard',
      `not recognized at ${url}`,
      'Let only our guard, or a proxy that refuses Host headers that are no domains, reach the farm.',
    )
  } catch (error) {
    return doubtful('guard', inWords(error), 'Start the farm.')
  }
}

function ask(url: string, host: string): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const send = url.startsWith('https:') ? requestTls : request
  const headers = { host, 'x-http-method-override': 'GET' }
  send(
    `${url}/system/plugins.json`,
    { headers, agent: false, signal: AbortSignal.timeout(3_000) },
    (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject)
    },
  )
    .on('error', reject)
    .end()
  return promise
}
