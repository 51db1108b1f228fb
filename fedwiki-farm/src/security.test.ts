/** What wiki-security-wikistead allows and refuses, on a real farm. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@wikistead/test/eventually'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, ownerLinkKey, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { Visitor } from '../test/visitor.ts'
import { createOwnerLink } from './index.ts'

let running: FarmUnderTest
let firstPid: number | undefined

beforeAll(async () => {
  running = await startFarmUnderTest()
  firstPid = running.farm.state.pid
})
// Whatever was done to it, the farm was never ended nor started again.
afterAll(async () => {
  const { pid, restarts } = running.farm.state
  await running[Symbol.asyncDispose]()
  expect({ pid, restarts }).toEqual({ pid: firstPid, restarts: 0 })
})

/** Removing a site while the farm saves its index fails, or ends the farm. */
async function untilIndexed(domain: string, slug: string): Promise<void> {
  for (const name of ['sitemap.json', 'sitemap.xml', 'site-index.json', 'index-updated']) {
    const read = () => readFile(join(running.folderOf(domain), 'status', name), 'utf8')
    await expect.poll(read).toContain(name === 'index-updated' ? '' : slug)
  }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the control plane', () => {
  test('is let in by its token on the admin host', async () => {
    const listed = await running.control('/plugin/farmmanager/sites')
    expect(listed.status).toBe(200)
    const names = (JSON.parse(listed.body) as { name: string }[]).map(({ name }) => name)
    expect(names).toContain('farm-admin.wiki.test')
  })

  test.each([
    ['a wrong token', bearer(`${adminToken}x`)],
    ['the hash of the token', bearer('sha256:00')],
    ['an empty token', bearer('')],
    ['another scheme', { authorization: `Basic ${adminToken}` }],
    ['no token', {}],
  ])('is refused with %s', async (_, headers: Record<string, string>) => {
    for (const path of ['/plugin/farmmanager/sites', '/auth/wikistead', '/system/version.json']) {
      const answer = await new Visitor().ask(running.admin + path, { headers })
      expect(answer.status, path).toBe(403)
    }
  })

  test('gets nothing by its token on any other host', async () => {
    const site = await running.createSite('other-host.wiki.test', 'alice')
    const ask = (path: string, method = 'GET') =>
      new Visitor().ask(site + path, { method, headers: bearer(adminToken) })
    expect((await ask('/plugin/farmmanager/sites')).status).toBe(403)
    expect((await ask('/plugin/farmmanager/sites/other-host.wiki.test?hard=true', 'DELETE')).status).toBe(403)
    expect((await ask('/system/version.json')).status).toBe(403)
    expect((await ask('/auth/wikistead')).status).toBe(404)
    expect((await ask('/auth/wikistead/owners/other-host.wiki.test', 'PUT')).status).toBe(404)
    expect((await ask('/welcome-visitors.json', 'DELETE')).status).toBe(403)
    expect((await ask('/view/welcome-visitors')).body).toContain(`var isOwner = ('false' === "true")`)
  })

  test('says what it can do', async () => {
    const answer = await running.control('/auth/wikistead')
    expect(JSON.parse(answer.body)).toMatchObject({
      package: 'wiki-security-wikistead',
      rereadsOwner: true,
      refusesOwnerless: true,
      holdsConnections: true,
      ownerLinks: true,
      oauth2_IdField: null,
    })
    expect((await running.control('/auth/wikistead/nothing')).status).toBe(404)
  })

  test('serves passportjs to browsers', async () => {
    const client = await new Visitor().ask(`${running.admin}/security/security.js`)
    expect(client.status).toBe(200)
    expect(client.headers['content-type']).toContain('javascript')
    expect(client.body).toContain('window.plugins.security')
    expect((await new Visitor().ask(`${running.admin}/security/..%2fpackage.json`)).status).toBe(404)
    expect((await new Visitor().ask(`${running.admin}/auth/loginDialog`)).status).toBe(200)
  })
})

describe('the owner of a site', () => {
  test('opens it by an owner link, writes and edits a page; nobody else does', async () => {
    const site = await running.createSite('notes.wiki.test', 'alice')
    const alice = await running.signIn('notes.wiki.test', 'alice')
    expect(await alice.writePage(site, 'my-page', 'Hello')).toBe(200)
    const item = { type: 'paragraph', id: 'first', text: 'Hello again' }
    const edited = await alice.act(site, 'my-page', { type: 'edit', id: 'first', item, date: Date.now() })
    expect([edited.status, edited.body]).toEqual([200, 'ok'])
    const read = await new Visitor().ask(`${site}/my-page.json`)
    expect(JSON.parse(read.body)).toMatchObject({ title: 'my-page', story: [item] })
    expect((await alice.ask(`${site}/view/my-page`)).body).toContain(`var isOwner = ('true' === "true")`)
    expect((await alice.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":true')

    await running.createSite('others.wiki.test', 'bob')
    const bob = await running.signIn('others.wiki.test', 'bob')
    for (const stranger of [await bob.movedTo(site), new Visitor()]) {
      expect(await stranger.writePage(site, 'not-mine', 'x')).toBe(403)
      expect((await stranger.act(site, 'my-page', { type: 'remove', id: 'first' })).status).toBe(403)
      expect((await stranger.ask(`${site}/my-page.json`, { method: 'DELETE' })).status).toBe(403)
      expect((await stranger.ask(`${site}/auth/claim-wiki`)).status).toBe(403)
      expect((await stranger.ask(`${site}/view/my-page`)).body).toContain(
        `var isOwner = ('false' === "true")`,
      )
    }
    expect((await new Visitor().ask(`${site}/my-page.json`)).body).toBe(read.body)
  })

  test('loses it with the site: another owner of the same name writes, the old one no more', async () => {
    const site = await running.createSite('again.wiki.test', 'alice')
    const alice = await running.signIn('again.wiki.test', 'alice')
    expect(await alice.writePage(site, 'hers', 'x')).toBe(200)
    await untilIndexed('again.wiki.test', 'hers')
    const path = '/plugin/farmmanager/sites/again.wiki.test?hard=true'
    // Whatever the farm still writes of the page can cut its removal short, which it then answers with 500.
    await eventually(async () =>
      expect([200, 404]).toContain((await running.control(path, { method: 'DELETE' })).status),
    )
    expect(await alice.writePage(site, 'too-late', 'x')).toBeGreaterThanOrEqual(400)
    await running.createSite('again.wiki.test', 'bob')
    expect(await alice.writePage(site, 'still-hers', 'x')).toBe(403)
    const bob = await running.signIn('again.wiki.test', 'bob')
    expect(await bob.writePage(site, 'his', 'x')).toBe(200)
    expect(await alice.writePage(site, 'hers', 'x')).toBe(403)
  })

  test('may be changed on disk by anything', async () => {
    const site = await running.createSite('on-disk.wiki.test', 'carol')
    const carol = await running.signIn('on-disk.wiki.test', 'carol')
    const text = await readFile(running.ownerFileOf('on-disk.wiki.test'), 'utf8')
    // As long as before, and within the same moment.
    await writeFile(running.ownerFileOf('on-disk.wiki.test'), text.replaceAll('carol', 'david'))
    expect(await carol.writePage(site, 'a-page', 'x')).toBe(403)
    expect((await carol.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":false')
    expect((await new Visitor().ask(`${site}/view/welcome-visitors`)).body).toContain(`ownerName = 'david'`)
    await writeFile(running.ownerFileOf('on-disk.wiki.test'), text)
    expect(await carol.writePage(site, 'a-page', 'x')).toBe(200)
  })
})

test('a site that was deleted is gone at once, and its folder is not written anew', async () => {
  const site = await running.createSite('gone.wiki.test', 'alice')
  const alice = await running.signIn('gone.wiki.test', 'alice')
  expect(await alice.writePage(site, 'a-page', 'x')).toBe(200)
  await untilIndexed('gone.wiki.test', 'a-page')
  // The farm may still be writing into it.
  await rm(running.folderOf('gone.wiki.test'), { recursive: true, maxRetries: 10 })
  for (const path of ['/', '/welcome-visitors.json', '/system/sitemap.json', '/system/site-index.json']) {
    expect((await alice.ask(site + path)).status, path).toBeGreaterThanOrEqual(400)
  }
  expect(await readdir(running.farm.sitesFolder)).not.toContain('gone.wiki.test')
})

describe('a site without an owner', () => {
  const remains: Record<string, (file: string) => Promise<unknown>> = {
    'no owner.json': (file) => rm(file),
    'an owner.json that was cut short': (file) => writeFile(file, '{"name":"alice","oauth2":{"id":"al'),
    'an empty owner.json': (file) => writeFile(file, ''),
    'an owner.json that says nothing': (file) => writeFile(file, '{}'),
    'an owner.json that is null': (file) => writeFile(file, 'null'),
    'an owner.json that is an empty text': (file) => writeFile(file, '""'),
    'an owner of a name only': (file) => writeFile(file, '{"name":"alice"}'),
    'an identity without an id': (file) => writeFile(file, '{"name":"alice","oauth2":{"username":"alice"}}'),
    'a folder for an owner.json': async (file) => {
      await rm(file)
      await mkdir(file)
    },
  }

  test.each(Object.entries(remains))('is written by nobody: %s', async (_, damage) => {
    const domain = `ownerless-${Object.values(remains).indexOf(damage)}.wiki.test`
    const site = await running.createSite(domain, 'alice')
    const alice = await running.signIn(domain, 'alice')
    await damage(running.ownerFileOf(domain))
    for (const visitor of [alice, new Visitor()]) {
      expect(await visitor.writePage(site, 'a-page', 'x')).toBe(403)
      expect((await visitor.ask(`${site}/auth/claim-wiki`)).status).toBe(403)
      expect((await visitor.ask(`${site}/welcome-visitors.json`)).status).toBe(200)
    }
  })

  test.each(['null', 'folder'])('is so as well when the farm first meets it: %s', async (kind) => {
    const domain = `half-made-${kind}.wiki.test`
    await mkdir(join(running.folderOf(domain), 'status'), { recursive: true })
    if (kind === 'folder') await mkdir(running.ownerFileOf(domain))
    else await writeFile(running.ownerFileOf(domain), 'null')
    const site = running.site(domain)
    await expect.poll(() => running.farm.warmUp(domain)).toBe(true)
    expect(await new Visitor().writePage(site, 'a-page', 'x')).toBe(403)
    expect((await new Visitor().ask(`${site}/auth/claim-wiki`)).status).toBe(403)
  })
})

describe('an owner link', () => {
  const link = '/auth/owner-link?token='

  test('works once, for whoever comes first', async () => {
    const site = await running.createSite('once.wiki.test', 'alice')
    const url = running.ownerLink('once.wiki.test', 'alice')
    // A preview that only looks at the head does not spend it.
    expect((await new Visitor().ask(url, { method: 'HEAD' })).status).toBe(303)
    const visitors = Array.from({ length: 10 }, () => new Visitor())
    const statuses = await Promise.all(visitors.map(async (visitor) => (await visitor.ask(url)).status))
    expect(statuses.filter((status) => status === 303).length).toBe(1)
    expect(statuses.filter((status) => status === 403).length).toBe(9)
    const first = visitors[statuses.indexOf(303)] as Visitor
    expect(await first.writePage(site, 'a-page', 'x')).toBe(200)
    expect((await first.ask(url)).status).toBe(303)
    expect((await new Visitor().ask(url)).status).toBe(403)
  })

  test('opens nothing when it is for another site, for somebody else, too old or forged', async () => {
    await running.createSite('linked.wiki.test', 'alice')
    await running.createSite('linked-too.wiki.test', 'alice')
    const here = running.site('linked.wiki.test')
    const tokenOf = (url: string) => new URL(url).searchParams.get('token') ?? ''
    const good = tokenOf(running.ownerLink('linked.wiki.test', 'alice'))
    const [payload = '', signature = ''] = good.split('.')
    const forge = (key: string) =>
      tokenOf(createOwnerLink({ key, siteUrl: here, sub: 'alice', name: 'alice' }))
    const brief = tokenOf(running.ownerLink('linked.wiki.test', 'alice', 0.001))
    const bad = [
      tokenOf(running.ownerLink('linked-too.wiki.test', 'alice')),
      tokenOf(running.ownerLink('linked.wiki.test', 'bob')),
      forge(ownerLinkKey.replace('the', 'The')),
      brief,
      `${payload}.`,
      `${payload}.${signature.slice(1)}`,
      `${payload}.${signature}.x`,
      `${Buffer.from(JSON.stringify({ domain: 'linked.wiki.test', sub: 'alice' })).toString('base64url')}.${signature}`,
      '',
      '.',
    ]
    for (const token of bad) {
      const visitor = new Visitor()
      expect((await visitor.ask(here + link + encodeURIComponent(token))).status, token).toBe(403)
      expect(await visitor.writePage(here, 'a-page', 'x')).toBe(403)
    }
    expect((await new Visitor().ask(`${here}/auth/owner-link?token[]=${good}`)).status).toBe(403)
    expect((await new Visitor().ask(here + link + good)).status).toBe(303)
  })

  test('is not for the owner of yesterday', async () => {
    await running.createSite('yesterday.wiki.test', 'alice')
    const url = running.ownerLink('yesterday.wiki.test', 'alice')
    const owner = { name: 'bob', oauth2: { id: 'bob', username: 'bob' } }
    await running.control('/auth/wikistead/owners/yesterday.wiki.test', { method: 'PUT', body: owner })
    expect((await new Visitor().ask(url)).status).toBe(403)
  })
})
