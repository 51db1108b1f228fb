import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '@wikistead/contracts'
import { startFarm, type Farm } from '@wikistead/fedwiki-farm'
import { failure, siteOperations, signal } from '../../test/scripted-client.ts'
import { rawRequest } from '../../test/raw-request.ts'
import { plantedSecret, plantSite, tree } from '../../test/tree.ts'
import type { Site } from './farm-manager-answers.ts'
import { FarmError, FarmFault } from './farm-error.ts'
import { FarmManagerClient, type FarmManagerOptions } from './farm-manager-client.ts'
import { ownerJson } from '../site/owner.ts'

const token = randomBytes(32).toString('hex')
const adminHost = 'farm-admin.wiki.test'
const rules = { parentDomain: 'wiki.test', adminHost, customDomains: true }
const ada = ownerJson('Ada', 'sub-of-ada')
const bob = ownerJson('Bob', 'sub-of-bob')

const suite = new AsyncDisposableStack()
let folder: string
let farm: Farm
let client: FarmManagerClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-manager-client-'))
  suite.defer(() => rm(folder, { recursive: true, force: true }))
  farm = suite.use(
    await startFarm({
      folder: join(folder, 'farm'),
      adminHost,
      adminToken: token,
      wikiDomains: [
        {
          domain: 'wiki.test',
          publicUrl: 'http://wiki.test',
          signIn: {
            ...{ clientId: 'farm', clientSecret: 'x'.repeat(32) },
            authorizationUrl: 'http://127.0.0.1:1/auth',
            tokenUrl: 'http://127.0.0.1:1/token',
          },
        },
      ],
    }),
  )
  client = connect()
})
afterAll(() => suite.disposeAsync())

function connect(more: Partial<FarmManagerOptions> = {}): FarmManagerClient {
  const baseUrl = `http://127.0.0.1:${farm.port}`
  return suite.use(new FarmManagerClient({ baseUrl, adminHost, token: () => token, rules, ...more }))
}

const raw = (method: string, path: string) => rawRequest(farm.port, method, path, { host: adminHost, token })
const inSites = (...path: string[]) => join(farm.sitesFolder, ...path)
const readOwner = async (domain: string): Promise<unknown> =>
  JSON.parse(await readFile(inSites(domain, 'status', 'owner.json'), 'utf8'))

async function everySite(): Promise<{ sites: Map<string, Site>; skipped: object }> {
  const sites = new Map<string, Site>()
  const { skipped } = await client.listSites((batch) => {
    for (const site of batch) sites.set(site.domain, site)
  }, signal)
  return { sites, skipped }
}

describe('on a real farm', () => {
  test('a site is made, archived, restored, locked and removed, each read back', async () => {
    const domain = 'life.wiki.test'
    await expect(client.getSite(domain, signal)).resolves.toBeUndefined()
    await expect(client.createSite(domain, ada, signal)).resolves.toEqual({
      ...{ domain, serving: 'active', owner: { name: 'Ada', sub: 'sub-of-ada' }, ownerless: false, pages: 0 },
      ...{ storageBytes: expect.any(Number) as number, lastModified: expect.stringMatching(/Z$/) as string },
    })
    await expect(readOwner(domain)).resolves.toEqual(ada)

    await expect(client.archiveSite(domain, signal)).resolves.toBe('archived')
    await expect(client.archiveSite(domain, signal)).resolves.toBe('archived')
    await expect(client.getSite(domain, signal)).resolves.toMatchObject({ serving: 'archived' })
    expect(await failure(client.createSite(domain, ada, signal))).toMatchObject({ status: 409 })

    await expect(client.setServing(domain, 'active', signal)).resolves.toMatchObject({ serving: 'active' })
    await expect(client.setServing(domain, 'readonly', signal)).resolves.toMatchObject({
      serving: 'readonly',
    })
    await expect(readOwner(domain)).resolves.toEqual(ada)

    await expect(client.removeSite(domain, signal)).resolves.toBe('removed')
    await expect(client.removeSite(domain, signal)).resolves.toBe('absent')
    await expect(client.archiveSite(domain, signal)).resolves.toBe('absent')
    await expect(client.setServing(domain, 'active', signal)).resolves.toBeUndefined()
    await expect(client.getSite(domain, signal)).resolves.toBeUndefined()
    expect(existsSync(inSites(domain))).toBe(false)
  })

  test('twenty creations of one domain at once make one site, and it is the winner’s', async () => {
    const domain = 'contested.wiki.test'
    const owners = Array.from({ length: 20 }, (_, i) => ownerJson(`Member ${i}`, `sub-${i}`))
    const results = await Promise.allSettled(owners.map((owner) => client.createSite(domain, owner, signal)))
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(won.length).toBe(1)
    expect(lost.length).toBe(19)
    for (const error of lost) expect(error).toMatchObject({ name: 'FarmError', code: 'farm_conflict' })
    const winner = owners.find(({ name }) => name === won[0]?.owner.name)
    await expect(readOwner(domain)).resolves.toEqual(winner)
    await client.removeSite(domain, signal)
  })

  test('a site goes to another owner by our security package', async () => {
    const domain = 'given.wiki.test'
    await client.createSite(domain, ada, signal)
    await expect(client.replaceOwner(domain, bob, signal)).resolves.toMatchObject({
      owner: { name: 'Bob', sub: 'sub-of-bob' },
    })
    await expect(readOwner(domain)).resolves.toEqual(bob)
    await expect(client.replaceOwner('nobody.wiki.test', bob, signal)).resolves.toBeUndefined()
    await client.removeSite(domain, signal)
  })

  test('its security package says that it rereads owners and knows them by their sub', async () => {
    await expect(client.capabilities(signal)).resolves.toEqual({
      ...{ rereadsOwner: true, holdsConnections: true, suspends: true },
      oauth2IdField: 'token.sub',
      package: expect.stringMatching(/^wiki-security-wikistead@\d/) as string,
    })
  })

  test('the list has every site of ours, counts what is none, and tells no secret', async () => {
    await client.createSite('listed.wiki.test', ada, signal)
    for (const name of [
      'canary.example.org',
      'commons.wiki.test',
      'localhost',
      'www.x.test',
      'Upper.wiki.test',
    ]) {
      await plantSite(inSites(name))
    }
    await mkdir(inSites('ownerless.wiki.test', 'status'), { recursive: true })
    await writeFile(inSites('a-file.wiki.test'), '')
    await mkdir(inSites('no-site.wiki.test'))
    const { sites, skipped } = await everySite()
    expect(sites.get('listed.wiki.test')).toEqual(await client.getSite('listed.wiki.test', signal))
    expect(sites.get('canary.example.org')).toMatchObject({
      owner: { name: 'Canary' },
      ownerless: false,
      pages: 1,
    })
    expect(sites.get('ownerless.wiki.test')).toMatchObject({ owner: { name: 'Unknown' }, ownerless: true })
    expect([...sites.keys()].sort()).toEqual([
      'canary.example.org',
      'listed.wiki.test',
      'ownerless.wiki.test',
    ])
    expect(skipped).toEqual({ reserved: 3, notADomain: 3 })
    expect(JSON.stringify([...sites])).not.toContain(plantedSecret)
    await client.removeSite('listed.wiki.test', signal)
    await client.removeSite('ownerless.wiki.test', signal)
    await rm(inSites('a-file.wiki.test'))
    await rm(inSites('no-site.wiki.test'), { recursive: true })
  })

  test('a folder that the farm does not count as a site is in the way until it is removed', async () => {
    const domain = 'half-made.wiki.test'
    await mkdir(inSites(domain))
    await expect(client.getSite(domain, signal)).resolves.toBeUndefined()
    expect(await failure(client.createSite(domain, ada, signal))).toMatchObject({ status: 409 })
    await expect(client.archiveSite(domain, signal)).resolves.toBe('absent')
    // The banner's folder makes a site of it, of nobody's.
    await expect(client.setServing(domain, 'readonly', signal)).resolves.toMatchObject({ ownerless: true })
    await expect(client.removeSite(domain, signal)).resolves.toBe('removed')
    await expect(client.createSite(domain, ada, signal)).resolves.toMatchObject({ domain })
    await client.removeSite(domain, signal)
  })

  test('a wrong token is forbidden', async () => {
    const stranger = connect({ token: () => 'x'.repeat(32) })
    for (const operate of Object.values(siteOperations)) {
      const error = await failure(operate(stranger, 'strange.wiki.test'))
      expect(error).toBeInstanceOf(FarmError)
      expect(error).toMatchObject({ code: 'farm_forbidden', status: 403 })
    }
    expect(existsSync(inSites('strange.wiki.test'))).toBe(false)
  })

  test('a missing site is JSON, and a route that nobody serves is a page', async () => {
    const site = await raw('GET', '/plugin/farmmanager/sites/nobody.wiki.test')
    expect(site).toEqual({ status: 404, body: '{"error":"Site not found"}' })
    const route = await raw('GET', '/plugin/farmmanager/nobody')
    expect(route).toEqual({ status: 404, body: expect.stringMatching(/^<!DOCTYPE html>/) as string })
  })

  test('a host that is not open yet is opened once by twelve requests', async () => {
    const opened = async () =>
      (await readFile(farm.logFile, 'utf8')).split('FarmManager plugin server started').length - 1
    const host = 'unopened.wiki.test'
    await client.createSite(host, ada, signal)
    const before = await opened()
    // Not the admin host, so FarmManager refuses there: a page, or none of its answers, would have been a fault.
    const elsewhere = connect({ adminHost: host })
    // The farm hears of a new folder a moment later; until then the host is unknown to it, and stays unopened.
    const get = () => failure(elsewhere.getSite('other.wiki.test', signal))
    const twelve = () => Promise.all(Array.from({ length: 12 }, get))
    await expect
      .poll(async () => (await twelve()).map((error) => (error as FarmError).code))
      .toEqual(Array(12).fill('farm_forbidden'))
    await expect.poll(opened).toBe(before + 1)
    await client.removeSite(host, signal)
  })

  test('that was killed is a fault that says what it may have left, and is back by itself', async () => {
    const domain = 'survivor.wiki.test'
    await client.createSite(domain, ada, signal)
    const { pid, restarts } = farm.state
    process.kill(-(pid ?? NaN), 'SIGKILL')
    const faults: unknown[] = []
    await expect
      .poll(() =>
        client.getSite(domain, signal).catch((error: unknown) => {
          faults.push(error)
          return undefined
        }),
      )
      .toMatchObject({ domain, owner: { sub: 'sub-of-ada' } })
    expect(farm.state.restarts).toBeGreaterThan(restarts)
    expect(faults.length).toBeGreaterThan(0)
    for (const fault of faults) expect(fault).toBeInstanceOf(FarmFault)
    await client.removeSite(domain, signal)
  })
})

describe('nothing but a site’s own folder on a real farm is touched', () => {
  const dangers = {
    invalid_domain: [
      ...[
        '',
        '/',
        '%2F',
        '%2f',
        '%252F',
        '.',
        '../..',
        '../../',
        '../x',
        '..%2Fx',
        '..%2fvictim',
        '../victim',
      ],
      ...['../../victim', 'x/../../victim', 'canary.wiki.test/../../victim', '/etc', '\\', '..\\x', '~', '*'],
      ...['www.canary.wiki.test', 'canary.wiki.test:80', 'canary.wiki.test.', 'CANARY.wiki.test'],
      ...['canary.wiki.test/', 'canary.wiki.test/status', 'canary.wiki.test?x', 'canary.wiki.test#x'],
      ...['canary.wiki.test\0', 'canary.wiki.test%00', 'canary.wiki.test\r\nx: y', 'localhost', 'canary'],
      ...['127.0.0.1', '__proto__', 'constructor', 'link', 'canary..wiki.test', '-canary.wiki.test'],
    ],
    name_reserved: [adminHost, 'wiki.test', 'commons.wiki.test', 'admin.wiki.test', 'constructor.wiki.test'],
  }

  test('whatever is asked', async () => {
    const { sitesFolder } = farm
    for (const site of ['canary.wiki.test', 'commons.wiki.test', 'CANARY.wiki.test', 'localhost', 'canary']) {
      await plantSite(inSites(site))
    }
    await plantSite(join(folder, 'victim'))
    await plantSite(join(folder, 'farm', 'victim'))
    await symlink(join(folder, 'victim'), inSites('link'))
    // Every file of all sites, and beside the farm and within it everything that the farm does not write by itself.
    const everything = async () => ({
      ...(await tree(sitesFolder)),
      ...(await tree(join(folder, 'victim'))),
      ...(await tree(join(folder, 'farm', 'victim'))),
      ...(await tree(join(folder, 'farm', 'commons'))),
    })
    const before = await everything()
    expect(Object.keys(before).length).toBeGreaterThan(30)

    for (const [code, domains] of Object.entries(dangers)) {
      for (const danger of domains) {
        for (const [name, operate] of Object.entries(siteOperations)) {
          const error = await failure(operate(client, danger))
          expect(error, `${name} ${JSON.stringify(danger)}`).toBeInstanceOf(Refusal)
          expect(error, `${name} ${JSON.stringify(danger)}`).toMatchObject({ code })
        }
      }
    }
    expect(await everything()).toEqual(before)

    const one = 'mine.wiki.test'
    await client.createSite(one, ada, signal)
    await client.setServing(one, 'readonly', signal)
    await client.replaceOwner(one, bob, signal)
    await client.archiveSite(one, signal)
    await client.removeSite(one, signal)
    expect(await everything()).toEqual(before)
  })

  test('although the farm itself would do it', async () => {
    const victim = join(folder, 'farm', 'own-victim')
    await plantSite(victim)
    const answer = await raw('DELETE', '/plugin/farmmanager/sites/..%2Fown-victim?hard=true')
    expect(answer.status).toBe(200)
    expect(existsSync(victim)).toBe(false)
  })
})
