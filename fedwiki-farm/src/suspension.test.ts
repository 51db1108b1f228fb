/** A suspended site of a real farm: served to nobody, whatever its owner, FarmManager or a restart say. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { adminHost, ask } from '../test/guard-under-test.ts'
import { Visitor } from '../test/visitor.ts'
import { startGuard, type Guard } from './guard.ts'

let running: FarmUnderTest
let guard: Guard
beforeAll(async () => {
  running = await startFarmUnderTest()
  guard = await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm: running.farm })
})
afterAll(async () => {
  await guard.close()
  await running[Symbol.asyncDispose]()
})

const reason = `Spam <script>alert("x")</script> & 'more'`
const contact = 'https://help.example.org/?a="><script>1</script>'
const path = (domain: string) => `/auth/wikistead/suspensions/${domain}`
const suspend = (domain: string, body: unknown = { reason, contact }) =>
  running.control(path(domain), { method: 'PUT', body })
const lift = (domain: string) => running.control(path(domain), { method: 'DELETE' })

test('nothing of it is served, written or signed in to, and lifting leaves it as it was', async () => {
  const domain = 'spam.wiki.test'
  const site = await running.createSite(domain, 'mallory')
  const mallory = await running.signIn(domain, 'mallory')
  expect(await mallory.writePage(site, 'pills', 'Buy them')).toBe(200)
  const asset = join(running.folderOf(domain), 'assets', 'x.txt')
  await mallory.ask(`${site}/favicon.png`)
  const before = await mallory.ask(`${site}/pills.json`)

  expect(await suspend(domain)).toMatchObject({ status: 200 })
  for (const who of [mallory, new Visitor()]) {
    for (const each of [
      ...['/', '/pills.json', '/pills.html', '/view/pills', '/favicon.png', '/system/slugs.json'],
      ...[
        '/system/sitemap.json',
        '/system/site-index.json',
        '/assets/x.txt',
        '/theme/style.css',
        '/auth/loginDialog',
      ],
      ...[
        '/auth/client-settings.json',
        '/security/security.js',
        '/plugin/assets/list',
        '/recycler/system/slugs.json',
      ],
      ...['/system/export.json', '/nothing', asset],
    ]) {
      const answer = await who.ask(site + each)
      expect([each, answer.status]).toEqual([each, 403])
      expect(answer.body).not.toContain('Buy them')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(await who.writePage(site, 'pills', 'More')).toBe(403)
  }
  const link = await new Visitor().open(running.ownerLink(domain, 'mallory'))
  expect(link.status).toBe(403)

  const { body, headers } = await new Visitor().ask(`${site}/view/pills`)
  expect(body).toContain('Spam &#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;more&#39;')
  expect(body).not.toContain('<script')
  expect(headers['content-security-policy']).toContain("default-src 'none'")
  const said = await new Visitor().ask(`${site}/pills.json`)
  expect(JSON.parse(said.body)).toMatchObject({ error: expect.stringContaining(reason) as string })

  // Neighbours, who ask the farm for it, hear no more.
  const other = await running.createSite('other.wiki.test', 'ada')
  const remote = await new Visitor().ask(`${other}/remote/${domain}/pills.json`)
  expect(remote.body).not.toContain('Buy them')

  expect(await lift(domain)).toMatchObject({ status: 200 })
  expect((await new Visitor().ask(`${site}/pills.json`)).body).toBe(before.body)
  expect(await mallory.writePage(site, 'pills-again', 'x')).toBe(200)
  expect(await readdir(join(running.folderOf(domain), 'status'))).not.toContain('suspended.json')
})

test('FarmManager does not lift it, and what was readonly or archived is so again', async () => {
  for (const serving of ['active', 'readonly', 'archived']) {
    const domain = `is-${serving}.wiki.test`
    const site = await running.createSite(domain, 'mallory')
    const manager = `/plugin/farmmanager/sites/${domain}`
    await running.control(manager, { method: 'PATCH', body: { status: serving } })
    await suspend(domain)
    expect((await running.control(manager, { method: 'PATCH', body: { status: 'active' } })).status).toBe(200)
    expect((await new Visitor().ask(`${site}/welcome-visitors.json`)).status).toBe(403)
    await running.control(manager, { method: 'PATCH', body: { status: serving } })
    await lift(domain)
    await lift(domain)
    expect(JSON.parse((await running.control(manager)).body)).toMatchObject({ status: serving })
    const shown = await new Visitor().ask(`${site}/welcome-visitors.json`)
    expect([serving, shown.status, shown.body.includes('archived')]).toEqual([
      serving,
      200,
      serving === 'archived',
    ])
  }
})

test('what cannot be read is taken for a suspension', async () => {
  const domain = 'torn.wiki.test'
  const site = await running.createSite(domain, 'mallory')
  await writeFile(join(running.folderOf(domain), 'status', 'suspended.json'), '{"rea')
  expect((await new Visitor().ask(`${site}/view/welcome-visitors`)).status).toBe(403)
})

test('only the control plane says so, on the admin host, of a site that there is', async () => {
  const domain = 'asked.wiki.test'
  const site = await running.createSite(domain, 'mallory')
  const mallory = await running.signIn(domain, 'mallory')
  const body = JSON.stringify({ reason, contact })
  const json = { 'content-type': 'application/json' }
  for (const origin of [site, running.admin]) {
    expect(
      (await mallory.ask(origin + path(domain), { method: 'PUT', body, headers: json })).status,
    ).not.toBe(200)
    expect((await mallory.ask(origin + path(domain), { method: 'DELETE' })).status).not.toBe(200)
  }
  expect(await suspend('nowhere.wiki.test')).toMatchObject({
    status: 404,
    body: '{"error":"Site not found"}',
  })
  for (const bad of ['..', '%2F', '__proto__', 'farm-admin.wiki.test'])
    expect((await suspend(bad)).status).not.toBe(200)
  for (const bad of [
    {},
    { reason: '', contact },
    { reason },
    { reason, contact, more: 1 },
    { reason: 1, contact },
  ])
    expect((await suspend(domain, bad)).status).toBe(400)
  expect((await new Visitor().ask(`${site}/welcome-visitors.json`)).status).toBe(200)
})

test('the guard lets it through, from the admin host alone', async () => {
  const domain = 'guarded.wiki.test'
  await running.createSite(domain, 'mallory')
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const asked = { method: 'PUT', headers, body: JSON.stringify({ reason, contact }) }
  expect((await ask(guard.port, domain, path(domain), asked)).status).toBe(404)
  expect((await ask(guard.port, adminHost, path(domain), asked)).status).toBe(200)
  expect((await ask(guard.port, domain, '/welcome-visitors.json')).status).toBe(403)
})
