/** The embedded farm: FedWiki from npm behind its guard, with the keys that the data folder keeps. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keptSecretOf, type Config } from '@wikistead/config'
import { isPlainDomain } from '@wikistead/contracts'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { siteOwner } from '@wikistead/fedwiki'
import {
  createOwnerLink,
  farmProgram,
  farmPrograms,
  startGuard,
  type SiteSignIn,
} from '@wikistead/fedwiki-farm'
import { SetupError } from '@wikistead/processes'
import type { Environment } from '../parts/environment.ts'
import type { FarmDoor } from '../parts/fedwiki-engine.ts'
import type { PartWatch } from '../parts/part-watch.ts'
import { keptSecret } from '../parts/kept-secret.ts'
import { provideChildUser, type PlannedChild } from './child-users.ts'
import { startRenewedFarm } from './renewed-farm.ts'

export interface EmbeddedFarm extends AsyncDisposable {
  readonly door: FarmDoor
  /** A link that signs the site's owner in, once and for a quarter of an hour. */
  ownerLink(siteUrl: string, owner: { readonly subject: string; readonly name: string }): string
  /** Resolves once the farm serves the site. */
  warmUp(domain: string): Promise<boolean>
}

/** `signIn`: where its visitors sign in; without it they come in by owner links alone. */
export async function startEmbeddedFarm(
  config: Config,
  { logger, watch }: Pick<Environment, 'logger'> & { readonly watch: PartWatch },
  signIn?: SiteSignIn,
): Promise<EmbeddedFarm> {
  const folder = farmFolder(config.dataFolder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await keptSecret(adminTokenFile(config.dataFolder))
  const token = keptSecretOf(adminTokenFile(config.dataFolder))
  const key = await keptSecret(join(folder, 'owner-link-key'))
  const user = await provideChildUser(plannedFarm(config), logger)
  // The guard's alone, for as long as it runs.
  const ofFarm = randomBytes(32).toString('base64url')
  learnSecret(ofFarm)
  await using started = new AsyncDisposableStack()
  const farm = started.use(
    await startRenewedFarm({
      ...{ folder, adminHost: config.fedwikiAdminHost, adminToken: ofFarm, ownerLinkKey: key },
      ...{ allowedNetworks: config.fedwikiAllowedNetworks, logger },
      ...(user !== undefined && { user }),
      ...(signIn !== undefined && { siteSignIn: signIn }),
      onChange: watch.child('fedwiki farm', { inHealth: false }),
    }),
  )
  const guard = started.use(
    await startGuard({
      ...{ listen: { host: '127.0.0.1', port: config.fedwikiFarmPort }, farm },
      tokens: { accepted: () => token.all(), ofFarm },
    }),
  )
  started.use(farm.renewWith(guard))
  const running = started.move()
  return {
    door: {
      url: `http://127.0.0.1:${String(guard.port)}`,
      ...{ adminHost: config.fedwikiAdminHost, token: () => token.reveal(), port: guard.port },
    },
    ownerLink: (siteUrl, { subject, name }) => createOwnerLink({ key, siteUrl, sub: subject, name }),
    warmUp: (domain) => farm.warmUp(domain),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export const plannedFarm = ({ dataFolder, fedwikiFarmUser: name }: Config): PlannedChild => ({
  ...{ child: 'the FedWiki farm', setting: 'fedwiki-farm-user', name, pidFile: 'fedwiki-farm/farm.log.pid' },
  sees: [farmFolder(dataFolder), ...farmPrograms],
  reads: [farmProgram],
})

export function hasEmbeddedFarm({ fedwikiFarmUrl, fedwikiEmbeddedFarm }: Config): boolean {
  return fedwikiFarmUrl === undefined && fedwikiEmbeddedFarm
}

/** How FarmManager lets us in, on the farm of a data folder that another process runs at this address. */
export function runningFarmDoor({ dataFolder, fedwikiAdminHost: adminHost }: Config, url: string): FarmDoor {
  const token = keptSecretOf(adminTokenFile(dataFolder))
  return { url, adminHost, token: () => token.reveal(), port: Number(new URL(url).port) }
}

/**
 * Signs the site's owner in, on the farm of a data folder that another process runs. Who the owner is, the farm itself
 * says.
 *
 * @throws SetupError when there is no such farm, or no such site with an owner on it
 */
export async function ownerLinkFrom(dataFolder: string, siteUrl: string): Promise<string> {
  const folder = farmFolder(dataFolder)
  const { hostname } = new URL(siteUrl)
  if (!isPlainDomain(hostname)) throw new SetupError(`${siteUrl} is not the address of a site.`)
  const key = await readFile(join(folder, 'owner-link-key'), 'utf8').catch(() => {
    throw new SetupError(
      `There is no embedded farm in ${dataFolder}: owner links are for the farm that \`wikistead start\` brings; ` +
        'name its data folder with --data-folder.',
    )
  })
  const owner = await readSmallFile(join(folder, 'sites', hostname, 'status/owner.json'))
    .then((text) => siteOwner(JSON.parse(text) as Record<string, unknown>))
    .catch(() => undefined)
  if (owner?.sub === undefined) {
    throw new SetupError(`The farm in ${dataFolder} has no site ${hostname} with an owner.`)
  }
  return createOwnerLink({ key: key.trim(), siteUrl, sub: owner.sub, name: owner.name })
}

/** The farm's user may have put anything there: a link, or a pipe that nobody writes to. */
async function readSmallFile(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (!(await file.stat()).isFile()) throw new Error(`${path} is no file`)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

export const farmFolder = (dataFolder: string): string => join(dataFolder, 'fedwiki-farm')
export const adminTokenFile = (dataFolder: string): string => join(farmFolder(dataFolder), 'admin-token')
