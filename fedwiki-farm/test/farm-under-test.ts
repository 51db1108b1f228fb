/** A real farm in a folder of its own, and the calls that its control plane makes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOwnerLink, startFarm, type Farm, type FarmOptions } from '../src/index.ts'
import { Visitor, type Answer, type Ask } from './visitor.ts'

export const adminToken = 'the-admin-token-of-the-farm-under-test'
export const ownerLinkKey = 'the-owner-link-key-of-the-farm-under-test'

export interface FarmUnderTest extends AsyncDisposable {
  readonly farm: Farm
  readonly folder: string
  readonly admin: string
  /** The origin of a site, e.g. `http://notes.wiki.test:40123`. */
  site(domain: string): string
  folderOf(domain: string): string
  ownerFileOf(domain: string): string
  /** With the admin token, on the admin host; a `body` is sent as JSON. */
  control(path: string, ask?: Omit<Ask, 'body'> & { body?: unknown }): Promise<Answer>
  createSite(domain: string, sub: string): Promise<string>
  ownerLink(domain: string, sub: string, lifetimeSeconds?: number): string
  /** A visitor who followed an owner link. */
  signIn(domain: string, sub: string): Promise<Visitor>
}

export async function startFarmUnderTest(options: Partial<FarmOptions> = {}): Promise<FarmUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-farm-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const adminHost = 'farm-admin.wiki.test'
  const farm = await startFarm({ folder, adminHost, adminToken, ownerLinkKey, ...options }).catch(
    async (error: unknown) => {
      await remove()
      throw error
    },
  )
  const site = (domain: string) => `http://${domain}:${farm.port}`
  const control: FarmUnderTest['control'] = (path, { body, headers, ...ask } = {}) =>
    new Visitor().ask(site(adminHost) + path, {
      ...ask,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const ownerLink = (domain: string, sub: string, lifetimeSeconds = 60) =>
    createOwnerLink({ key: ownerLinkKey, siteUrl: site(domain), sub, name: sub, lifetimeSeconds })
  return {
    farm,
    folder,
    admin: site(adminHost),
    site,
    folderOf: (domain) => join(farm.sitesFolder, domain),
    ownerFileOf: (domain) => join(farm.sitesFolder, domain, 'status', 'owner.json'),
    control,
    async createSite(domain, sub) {
      const owner = { name: sub, oauth2: { id: sub, username: sub } }
      const made = await control('/plugin/farmmanager/sites', { method: 'POST', body: { domain, owner } })
      if (made.status !== 201) throw new Error(`${domain} was not made: ${made.status} ${made.body}`)
      return untilServed(farm, site(domain))
    },
    ownerLink,
    async signIn(domain, sub) {
      const visitor = new Visitor()
      const landed = await visitor.open(ownerLink(domain, sub))
      if (landed.status !== 200) throw new Error(`${sub} was not let in: ${landed.status} ${landed.body}`)
      return visitor
    },
    async [Symbol.asyncDispose]() {
      await farm.close()
      await remove()
    },
  }
}

/** The farm hears of a new folder from the file system, a moment after it was made. */
async function untilServed(farm: Farm, site: string): Promise<string> {
  while (!(await farm.warmUp(new URL(site).hostname))) await sleep(10)
  return site
}
