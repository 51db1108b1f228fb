/** A client of ours against a scripted farm, and what both agree on. */
import { inspect } from 'node:util'
import { FarmManagerClient, type FarmManagerOptions } from '../src/farm/farm-manager-client.ts'
import { ownerJson } from '../src/site/owner.ts'
import { adminHost, startScriptedFarm, type Script, type ScriptedFarm } from './scripted-farm.ts'

export const token = 'a-token-that-nobody-may-ever-see'
export const rules = { parentDomain: 'wiki.test', adminHost, customDomains: true }
export const domain = 'notes.wiki.test'
export const owner = ownerJson('Ada', 'sub-of-ada')
/** As FarmManager tells it. */
export const site = {
  name: domain,
  owner,
  pages: 3,
  status: 'active',
  storageBytes: 1234,
  lastModified: '2026-01-02T03:04:05.678Z',
}
/** Never aborted. */
export const { signal } = new AbortController()

/** Both end with `started`. */
export async function scripted(
  started: AsyncDisposableStack,
  script: Script,
  { opening, ...more }: Partial<FarmManagerOptions> & { opening?: Script } = {},
): Promise<{ farm: ScriptedFarm; client: FarmManagerClient }> {
  const farm = started.use(await startScriptedFarm(script, opening))
  return { farm, client: clientFor(started, farm.baseUrl, more) }
}

export function clientFor(
  started: AsyncDisposableStack,
  baseUrl: string,
  more: Partial<FarmManagerOptions> = {},
): FarmManagerClient {
  return started.use(
    new FarmManagerClient({ baseUrl, adminHost, token: () => token, rules, timeoutMs: 5_000, ...more }),
  )
}

/** What the promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in result) return result.error
  throw new Error(`resolved to ${inspect(result.value)}`)
}

/** Every operation on one site. */
export const siteOperations: Record<string, Operate> = {
  getSite: (client, domain, until = signal) => client.getSite(domain, until),
  createSite: (client, domain, until = signal) => client.createSite(domain, owner, until),
  archiveSite: (client, domain, until = signal) => client.archiveSite(domain, until),
  removeSite: (client, domain, until = signal) => client.removeSite(domain, until),
  setServing: (client, domain, until = signal) => client.setServing(domain, 'readonly', until),
  replaceOwner: (client, domain, until = signal) => client.replaceOwner(domain, owner, until),
}

/** And the one on all sites. */
export const operations: Record<string, Operate> = {
  ...siteOperations,
  listSites: (client, _domain, until = signal) => client.listSites(() => {}, until),
}

type Operate = (client: FarmManagerClient, domain: string, until?: AbortSignal) => Promise<unknown>
