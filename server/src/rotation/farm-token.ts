/** The token by which a FedWiki farm lets us in: its guard takes both while one takes the place of the other. */
import { hostname } from 'node:os'
import type { Config } from '@wikistead/config'
import { SetupError } from '@wikistead/processes/setup-error'
import type { Store } from '@wikistead/store'
import { adminTokenFile, hasEmbeddedFarm, runningFarmDoor } from '../machine/embedded-farm.ts'
import { configuredFarm, openFarm, type FarmDoor } from '../parts/fedwiki-engine.ts'
import { readRunning } from '../parts/running.ts'
import type { RotatedSecret } from './rotate-secret.ts'

/** @throws SetupError when it is not in a file, or there is no farm */
export async function farmToken(config: Config, store: Store): Promise<RotatedSecret> {
  const { door, path } = await doorOf(config)
  return {
    ...{ setting: 'fedwiki-admin-token', path },
    // A request that was begun with the old one waits no longer.
    graceMs: config.fedwikiFarmTimeout + 5_000,
    async requireTaken(next) {
      if (door === undefined) return
      await using farm = openFarm(config, { ...door, token: () => next })
      try {
        await farm.getSite('wikistead-token-check.invalid', AbortSignal.timeout(10_000))
      } catch (error) {
        const why = error instanceof Error ? error.message : 'no answer'
        throw new SetupError(
          `${door.url} does not take the new token (${why}): it must be a \`wikistead farm-guard --farm-token-file …\` that has ${path} as fedwiki-admin-token-file. Then run this again.`,
        )
      }
    },
    // Whoever uses it reads the file for each request.
    hand: () => Promise.resolve(),
    async others() {
      const all = await store.instances.list()
      const users = all.filter(({ alive, role }) => alive && role !== 'host')
      return [...new Set(users.map(({ machine }) => machine))].filter((machine) => machine !== hostname())
    },
  }
}

async function doorOf(
  config: Config,
): Promise<{ readonly door: FarmDoor | undefined; readonly path: string }> {
  const door = configuredFarm(config)
  if (door !== undefined) {
    const path = config.fedwikiAdminToken?.file
    if (path !== undefined) return { door, path }
    throw new SetupError(
      'fedwiki-admin-token is not in a file of its own: put it into one, name that with fedwiki-admin-token-file, and start what uses it again.',
    )
  }
  if (!hasEmbeddedFarm(config)) throw new SetupError('There is no FedWiki farm here.')
  const running = await readRunning(config.dataFolder)
  const url = running?.farm
  return {
    door: url === undefined ? undefined : runningFarmDoor(config, url),
    path: adminTokenFile(config.dataFolder),
  }
}
