/** Looks at everything that the processes of this configuration need, without starting or changing any of it. */
import type { Config } from '@wikistead/config'
import type { Environment } from '../environment.ts'
import { readRunning } from '../running.ts'
import type { Check } from './check.ts'
import { checkFarm } from './farm-checks.ts'
import { checkDataFolder, checkNode, checkPorts } from './machine-checks.ts'
import { checkNameServers, checkRedis, checkStore, checkTemporal } from './service-checks.ts'

/** One after the other, though all are looked at at once. */
export async function* examine(config: Config, env: Environment['env']): AsyncGenerator<Check> {
  const running = await readRunning(config.dataFolder)
  const looks: readonly Promise<readonly Check[]>[] = [
    Promise.resolve([checkNode(), checkDataFolder(config)]),
    one(checkStore(config)),
    one(checkTemporal(config, env, running)),
    one(checkRedis(config)),
    checkFarm(config, running),
    one(checkNameServers(config)),
    checkPorts(config, running),
  ]
  for (const look of looks) yield* await look
}

const one = async (check: Promise<Check>): Promise<readonly Check[]> => [await check]
