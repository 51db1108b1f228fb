/** Looks at everything that the processes of this configuration need, without starting or changing any of it. */
import type { Config } from '@wikistead/config'
import type { Environment } from '../parts/environment.ts'
import { readRunning } from '../parts/running.ts'
import { broken, inWords, type Check } from './check.ts'
import { checkChildren } from './children-check.ts'
import { checkDomains } from './domains-check.ts'
import { checkFarm } from './farm-checks.ts'
import { checkDataFolder, checkNode, checkPorts } from './machine-checks.ts'
import { checkMediaWiki } from './mediawiki-checks.ts'
import { checkOwnProvider } from './own-provider-check.ts'
import { checkMail } from './mail-check.ts'
import { checkProvider } from './provider-check.ts'
import { checkProxy } from './proxy-check.ts'
import { checkStoreConnections } from './store-connections.ts'
import { checkNameServers, checkRedis, checkStore } from './service-checks.ts'
import { checkTemporal } from './temporal-checks.ts'
import { checkTemporalTrust } from './temporal-trust.ts'

/** One after the other, though all are looked at at once. */
export async function* examine(config: Config, env: Environment['env']): AsyncGenerator<Check> {
  const running = await readRunning(config.dataFolder)
  const looks: readonly Promise<readonly Check[]>[] = [
    settled('machine', async () => [checkNode(), checkDataFolder(config)]),
    settled('children', () => checkChildren(config, env, running)),
    settled('store', async () => [await checkStore(config)]),
    settled('store connections', () => checkStoreConnections(config)),
    settled('temporal', () => checkTemporal(config, env, running)),
    settled('temporal trust', () => checkTemporalTrust(config, env, running)),
    settled('redis', async () => [await checkRedis(config)]),
    settled('sign-in', async () => [await checkProvider(config)]),
    settled('openid provider', () => checkOwnProvider(config, running)),
    settled('mail', async () => [await checkMail(config)]),
    settled('domains', async () => [checkDomains(config)]),
    settled('proxy', async () => [await checkProxy(config)]),
    settled('fedwiki farm', () => checkFarm(config, running)),
    settled('mediawiki', () => checkMediaWiki(config, env['PATH'] ?? '')),
    settled('custom domains', async () => [await checkNameServers(config)]),
    settled('ports', () => checkPorts(config, running)),
  ]
  for (const look of looks) yield* await look
}

/** What cannot even be looked at is not ok. */
async function settled(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look()
  } catch (error) {
    return [broken(name, inWords(error), 'Mend what this says, and look again.')]
  }
}
