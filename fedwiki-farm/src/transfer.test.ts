/** Giving a site of a real farm another owner. */
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { Visitor } from '../test/visitor.ts'

let running: FarmUnderTest

beforeAll(async () => {
  running = await startFarmUnderTest()
})
afterAll(async () => {
  const { restarts } = running.farm.state
  await running[Symbol.asyncDispose]()
  expect(restarts).toBe(0)
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const put = (domain: string, body: unknown, headers = {}) =>
  running.control(`/auth/wikistead/owners/${domain}`, { method: 'PUT', body, headers })
const ownerNamed = (sub: string) => ({ name: sub, oauth2: { id: sub, username: sub } })

test('a transfer puts another person in charge at once, and reads back who', async () => {
  const site = await running.createSite('moved.wiki.test', 'alice')
  const alice = await running.signIn('moved.wiki.test', 'alice')
  await chmod(running.ownerFileOf('moved.wiki.test'), 0o640)
  const answer = await put('moved.wiki.test', ownerNamed('bob'))
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.body)).toEqual({ domain: 'moved.wiki.test', owner: ownerNamed('bob') })
  const listed = await running.control('/plugin/farmmanager/sites/moved.wiki.test')
  expect(JSON.parse(listed.body)).toMatchObject({ owner: ownerNamed('bob') })
  expect((await stat(running.ownerFileOf('moved.wiki.test'))).mode & 0o777).toBe(0o640)
  const files = await readdir(join(running.folderOf('moved.wiki.test'), 'status'))
  expect(files.filter((name) => name.startsWith('.owner.json'))).toEqual([])
  expect(await alice.writePage(site, 'a-page', 'x')).toBe(403)
  const bob = await running.signIn('moved.wiki.test', 'bob')
  expect(await bob.writePage(site, 'a-page', 'x')).toBe(200)
})

test('a transfer gives an owner to a site that lost its own, or never got as far', async () => {
  const site = await running.createSite('healed.wiki.test', 'alice')
  await rm(running.ownerFileOf('healed.wiki.test'))
  expect((await put('healed.wiki.test', ownerNamed('bob'))).status).toBe(200)
  const bob = await running.signIn('healed.wiki.test', 'bob')
  expect(await bob.writePage(site, 'a-page', 'x')).toBe(200)
  await mkdir(running.folderOf('bare.wiki.test'))
  expect((await put('bare.wiki.test', ownerNamed('bob'))).status).toBe(200)
  expect(JSON.parse(await readFile(running.ownerFileOf('bare.wiki.test'), 'utf8'))).toEqual(ownerNamed('bob'))
})

test('twenty transfers of one site at once leave one whole owner', async () => {
  await running.createSite('contended.wiki.test', 'alice')
  const subs = Array.from({ length: 20 }, (_, index) => `member-${index}`)
  const answers = await Promise.all(subs.map((sub) => put('contended.wiki.test', ownerNamed(sub))))
  expect(answers.map(({ status }) => status)).toEqual(subs.map(() => 200))
  const owner = JSON.parse(await readFile(running.ownerFileOf('contended.wiki.test'), 'utf8')) as {
    name: string
  }
  expect(owner).toEqual(ownerNamed(owner.name))
})

test.each([
  ['..%2Foutside', 400],
  ['..', 400],
  ['%2e%2e', 400],
  ['../../owners/..%2fx', 404],
  ['..%2F..%2Fetc', 400],
  ['%2F', 400],
  ['outside', 400],
  ['__proto__', 400],
  ['Moved.wiki.test', 400],
  ['moved.wiki.test.', 400],
  ['moved.wiki.test:80', 400],
  ['www.wiki.test', 400],
  ['127.0.0.1', 400],
  ['moved.wiki.test%00', 400],
  ['nobody.wiki.test', 404],
  ['a-file.wiki.test', 404],
  ['a-link.wiki.test', 404],
  ['linked-status.wiki.test', 404],
  ['farm-admin.wiki.test', 403],
])('a transfer to %s touches nothing: %i', async (domain, status) => {
  const { sitesFolder } = running.farm
  const outside = join(running.folder, 'outside')
  await mkdir(join(outside, 'status'), { recursive: true })
  await writeFile(join(sitesFolder, 'a-file.wiki.test'), '')
  await symlink(outside, join(sitesFolder, 'a-link.wiki.test')).catch(() => {})
  await mkdir(running.folderOf('linked-status.wiki.test'), { recursive: true })
  await symlink(join(outside, 'status'), join(running.folderOf('linked-status.wiki.test'), 'status')).catch(
    () => {},
  )
  const before = await readdir(running.folder, { recursive: true })
  expect((await put(domain, ownerNamed('mallory'))).status).toBe(status)
  const after = await readdir(running.folder, { recursive: true })
  expect(after.filter((path) => !before.includes(path))).toEqual([])
  expect(await readdir(outside, { recursive: true })).toEqual(['status'])
})

test('a transfer is refused without a whole owner', async () => {
  await running.createSite('kept.wiki.test', 'alice')
  const bodies = [
    ...[null, [], 'bob', {}, { name: 'bob' }, { name: 'bob', oauth2: {} }],
    ...[
      { ...ownerNamed('bob'), secret: 'x' },
      { name: 7, oauth2: { id: 'bob', username: 'bob' } },
    ],
    ...[ownerNamed(''), ownerNamed('  '), ownerNamed('b\nob'), ownerNamed('b'.repeat(256))],
  ]
  for (const body of bodies) {
    const answer = await put('kept.wiki.test', body)
    expect([answer.status, body]).toEqual([400, body])
  }
  // What a page of another origin may send, with the admin's cookie, without asking.
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...bearer(adminToken) }
  const forged = await new Visitor().ask(`${running.admin}/auth/wikistead/owners/kept.wiki.test`, {
    method: 'PUT',
    headers: form,
    body: 'name=bob&oauth2[id]=bob&oauth2[username]=bob',
  })
  expect(forged.status).toBe(400)
  expect((await put('kept.wiki.test', ownerNamed('bob'), bearer('wrong'))).status).toBe(403)
  const kept = JSON.parse(await readFile(running.ownerFileOf('kept.wiki.test'), 'utf8')) as unknown
  expect(kept).toEqual(ownerNamed('alice'))
})
