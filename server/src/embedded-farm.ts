/** The embedded farm: FedWiki from npm behind its guard, with the keys that the data folder keeps. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import { createOwnerLink, startFarm, startGuard } from '@wikistead/fedwiki-farm'
import type { FarmDoor } from './fedwiki-engine.ts'

export interface EmbeddedFarm extends AsyncDisposable {
  readonly door: FarmDoor
  /** A link that signs the site's owner in, once and for a quarter of an hour. */
  ownerLink(siteUrl: string, owner: { readonly subject: string; readonly name: string }): string
  /** Resolves once the farm serves the site. */
  warmUp(domain: string): Promise<boolean>
}

export async function startEmbeddedFarm(config: Config): Promise<EmbeddedFarm> {
  const folder = join(config.dataFolder, 'fedwiki-farm')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const token = await keptKey(join(folder, 'admin-token'))
  const key = await keptKey(join(folder, 'owner-link-key'))
  await using started = new AsyncDisposableStack()
  const farm = started.use(
    await startFarm({ folder, adminHost: config.fedwikiAdminHost, adminToken: token, ownerLinkKey: key }),
  )
  const guard = started.use(
    await startGuard({ listen: { host: '127.0.0.1', port: config.fedwikiFarmPort }, farm }),
  )
  const running = started.move()
  return {
    door: {
      url: `http://127.0.0.1:${String(guard.port)}`,
      ...{ adminHost: config.fedwikiAdminHost, token, port: guard.port },
    },
    ownerLink: (siteUrl, { subject, name }) => createOwnerLink({ key, siteUrl, sub: subject, name }),
    warmUp: (domain) => farm.warmUp(domain),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** A link for the farm of a data folder that another process runs. @throws when there is no such farm */
export async function ownerLinkFrom(
  dataFolder: string,
  siteUrl: string,
  owner: { readonly subject: string; readonly name: string },
): Promise<string> {
  const key = (await readFile(join(dataFolder, 'fedwiki-farm', 'owner-link-key'), 'utf8')).trim()
  return createOwnerLink({ key, siteUrl, sub: owner.subject, name: owner.name })
}

async function keptKey(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(path, 'utf8')).trim()
}
