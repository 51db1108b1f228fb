/** What a page of a sibling site has its owner's browser do on a real farm, before the guard and behind it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { sendRaw } from '../test/guard-under-test.ts'
import { Visitor, type Ask } from '../test/visitor.ts'
import { startGuard, type Guard } from './guard.ts'

const domain = 'notes.wiki.test'
let running: FarmUnderTest
let guard: Guard
let alice: Visitor
let operator: Visitor
/** Of the site and of the admin site, at the farm itself and at the guard before it. */
let doors: { site: string; admin: string }[]

beforeAll(async () => {
  running = await startFarmUnderTest({ adminSub: 'operator' })
  guard = await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm: running.farm })
  doors = [running.farm.port, guard.port].map((port) => ({
    ...{ site: `http://${domain}:${port}`, admin: `http://${running.farm.adminHost}:${port}` },
  }))
  const site = await running.createSite(domain, 'alice')
  alice = await running.signIn(domain, 'alice')
  expect(await alice.writePage(site, 'hers', 'Hers')).toBe(200)
  await running.createSite('operators.wiki.test', 'operator')
  operator = await (await running.signIn('operators.wiki.test', 'operator')).movedTo(running.admin)
})
afterAll(async () => {
  await guard[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

const multipart = {
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  body:
    '--b\r\ncontent-disposition: form-data; name="assets"\r\n\r\npages\r\n' +
    '--b\r\ncontent-disposition: form-data; name="image"; filename="forged.html"\r\n\r\n<script>\r\n--b--\r\n',
}
const form = (fields: Record<string, string>) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})
const add = JSON.stringify({ type: 'add', item: { type: 'html', id: 'x', text: 'forged' }, date: 1 })
const owner = { name: 'mallory', oauth2: { id: 'mallory', username: 'mallory' } }
const json = (body: object) => ({
  ...{ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
})

/** Every route that changes something. */
const ofTheSite: [string, string, Ask][] = [
  ['POST', '/plugin/assets/upload', multipart],
  ['POST', '/plugin/assets/delete?file=x', {}],
  ['POST', `/plugins/image/upload/${'a'.repeat(32)}.png`, multipart],
  ['POST', '/favicon.png', form({ image: 'data:image/png;base64,AAAA' })],
  ['PUT', '/page/hers/action', form({ action: add })],
  ['DELETE', '/hers.json', {}],
  ['DELETE', '/recycler/hers.json', {}],
  ['POST', '/nothing/of/that/name', {}],
]
const ofTheFarm: [string, string, Ask][] = [
  ['POST', '/plugin/farmmanager/sites', json({ domain: 'forged.wiki.test', owner })],
  ['PATCH', `/plugin/farmmanager/sites/${domain}`, json({ status: 'archived' })],
  ['DELETE', `/plugin/farmmanager/sites/${domain}?hard=true`, {}],
  ['PUT', `/auth/wikistead/owners/${domain}`, json(owner)],
]

describe.each([
  ['a sibling site', { 'sec-fetch-site': 'same-site', origin: 'http://evil.wiki.test' }],
  ['a stranger', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a sibling site in an older browser', { origin: 'http://evil.wiki.test' }],
  ['another port of the same host', { origin: `http://${domain}:1` }],
  ['a sandbox', { origin: 'null' }],
  ['somebody with the cookie who says nothing', {}],
])('a page of %s changes nothing', (_, from) => {
  test.each(ofTheSite)('by %s %s', async (method, path, asked) => {
    const before = await readdir(running.folderOf(domain), { recursive: true })
    const page = await readFile(join(running.folderOf(domain), 'pages/hers'), 'utf8')
    for (const { site } of doors) {
      const carrier = await alice.movedTo(site)
      expect((await carrier.ask(site + path, { ...asked, method, from })).status).toBe(403)
    }
    const after = await readdir(running.folderOf(domain), { recursive: true })
    expect(after.filter((name) => !before.includes(name) && !name.startsWith('status'))).toEqual([])
    expect(await readFile(join(running.folderOf(domain), 'pages/hers'), 'utf8')).toBe(page)
  })

  test.each(ofTheFarm)('by %s %s, with the operator’s session', async (method, path, asked) => {
    for (const { admin } of doors) {
      const carrier = await operator.movedTo(admin)
      expect((await carrier.ask(admin + path, { ...asked, method, from })).status).toBe(403)
    }
    expect(await readdir(running.farm.sitesFolder)).not.toContain('forged.wiki.test')
    expect(await readFile(running.ownerFileOf(domain), 'utf8')).toContain('alice')
  })
})

test('a page of the site itself changes it, in any browser', async () => {
  for (const { site } of doors) {
    for (const from of [{ 'sec-fetch-site': 'same-origin' }, { origin: site }]) {
      const carrier = await alice.movedTo(site)
      const upload = { ...multipart, method: 'POST', from }
      expect((await carrier.ask(`${site}/plugin/assets/upload`, upload)).status).toBe(200)
    }
  }
  for (const [index, { admin }] of doors.entries()) {
    const carrier = await operator.movedTo(admin)
    const made = { ...json({ domain: `operators-${index}.wiki.test`, owner }), method: 'POST' }
    expect((await carrier.ask(`${admin}/plugin/farmmanager/sites`, made)).status).toBe(201)
  }
})

test('a program with the token and without a cookie is let in as before', async () => {
  for (const [index, { admin }] of doors.entries()) {
    const made = json({ domain: `made-${index}.wiki.test`, owner })
    const headers = { ...made.headers, authorization: `Bearer ${adminToken}` }
    const asked = { ...made, headers, method: 'POST', from: {} }
    expect((await new Visitor().ask(`${admin}/plugin/farmmanager/sites`, asked)).status).toBe(201)
  }
})

test('a page of another site signs nobody out', async () => {
  const [{ site } = { site: '' }] = doors
  for (const from of ['same-site', 'cross-site']) {
    expect((await alice.ask(`${site}/logout`, { from: { 'sec-fetch-site': from } })).status).toBe(403)
  }
  expect((await alice.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":true')
  expect((await alice.ask(`${site}/logout`, { from: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200)
  expect((await alice.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":false')
})

test('no connection becomes a WebSocket, whoever asks', async () => {
  for (const port of [running.farm.port, guard.port]) {
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const upgrade = `Connection: Upgrade, close\r\nUpgrade: websocket\r\n${key}Origin: http://evil.wiki.test\r\n\r\n`
    const { status } = await sendRaw(port, `GET /system/slugs.json HTTP/1.1\r\nHost: ${domain}\r\n${upgrade}`)
    expect(status).toBe(200)
  }
})
