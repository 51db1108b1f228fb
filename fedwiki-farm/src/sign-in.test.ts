/** Members of an OpenID provider on a real farm, by way of passportjs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FarmUnderTest } from '../test/farm-under-test.ts'
import { startFarmWithProvider, type FarmWithProvider } from '../test/farm-with-provider.ts'
import { Visitor } from '../test/visitor.ts'

let world: FarmWithProvider
let running: FarmUnderTest

beforeAll(async () => {
  world = await startFarmWithProvider()
  running = world.running
})
afterAll(() => world[Symbol.asyncDispose]())

const signedIn = (sub: string): Promise<Visitor> => world.signedIn(sub)

test('the owner signs in and writes; another member and an anonymous visitor do not', async () => {
  const site = await running.createSite('notes.wiki.test', 'sub-of-alice')
  const alice = await signedIn('sub-of-alice')
  const bob = await signedIn('sub-of-bob')
  expect(await alice.writePage(site, 'a-page', 'Hello')).toBe(200)
  expect(await bob.writePage(site, 'another-page', 'x')).toBe(403)
  expect(await new Visitor().writePage(site, 'another-page', 'x')).toBe(403)
  expect((await bob.ask(`${site}/auth/claim-wiki`)).status).toBe(403)
  expect((await alice.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":true')
  expect((await bob.ask(`${site}/auth/client-settings.json`)).body).toContain('"isOwner":false')
  const read = await bob.ask(`${site}/a-page.json`)
  expect(JSON.parse(read.body)).toMatchObject({ story: [{ text: 'Hello' }] })
})

test('whoever the provider refuses is not signed in', async () => {
  const site = await running.createSite('closed.wiki.test', 'sub-of-alice')
  const stranger = new Visitor()
  const form = await stranger.open(`${running.site('wiki.test')}/auth/oauth2`)
  const cancelled = await stranger.ask(form.url, {
    ...{ method: 'POST', body: 'cancel=1' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  await stranger.open(String(cancelled.headers['location']))
  expect(await stranger.writePage(site, 'a-page', 'x')).toBe(403)
})

test('signing out ends it', async () => {
  const site = await running.createSite('left.wiki.test', 'sub-of-alice')
  const alice = await signedIn('sub-of-alice')
  expect(await alice.writePage(site, 'a-page', 'x')).toBe(200)
  await alice.ask(`${site}/logout`)
  expect(await alice.writePage(site, 'another-page', 'x')).toBe(403)
})

test('a transfer moves the right to write between members who are signed in', async () => {
  const site = await running.createSite('moving.wiki.test', 'sub-of-alice')
  const alice = await signedIn('sub-of-alice')
  const bob = await signedIn('sub-of-bob')
  expect(await alice.writePage(site, 'hers', 'x')).toBe(200)
  const owner = { name: 'Bob', oauth2: { id: 'sub-of-bob', username: 'bob' } }
  const moved = await running.control('/auth/wikistead/owners/moving.wiki.test', {
    method: 'PUT',
    body: owner,
  })
  expect(moved.status).toBe(200)
  expect(await alice.writePage(site, 'no-longer-hers', 'x')).toBe(403)
  expect(await bob.writePage(site, 'his', 'x')).toBe(200)
})

test('an owner link and a sign-in are the same session', async () => {
  const site = await running.createSite('both-ways.wiki.test', 'sub-of-alice')
  const alice = await running.signIn('both-ways.wiki.test', 'sub-of-alice')
  expect(await alice.writePage(site, 'a-page', 'x')).toBe(200)
  const other = await running.createSite('hers-too.wiki.test', 'sub-of-alice')
  expect(await alice.writePage(other, 'a-page', 'x')).toBe(200)
})

test('the admin of the configuration still gets in by their sign-in, without a token', async () => {
  const operator = await signedIn('sub-of-the-operator')
  const alice = await signedIn('sub-of-alice')
  for (const path of ['/plugin/farmmanager/sites', '/auth/wikistead']) {
    expect((await operator.ask(running.admin + path)).status).toBe(200)
    expect((await alice.ask(running.admin + path)).status).toBe(403)
  }
})

test('nobody owns the root and the admin site, and no owner can be given to them', async () => {
  const alice = await signedIn('sub-of-alice')
  for (const domain of ['wiki.test', 'farm-admin.wiki.test']) {
    expect(await alice.writePage(running.site(domain), 'a-page', 'x')).toBe(403)
    const owner = { name: 'Alice', oauth2: { id: 'sub-of-alice', username: 'alice' } }
    const path = `/auth/wikistead/owners/${domain}`
    expect((await running.control(path, { method: 'PUT', body: owner })).status).toBe(403)
  }
})

test('a control plane can prove by which claim owners are known', async () => {
  const answer = await running.control('/auth/wikistead')
  expect(JSON.parse(answer.body)).toMatchObject({
    oauth2_IdField: 'token.sub',
    wikiDomains: { 'wiki.test': { oauth2_IdField: 'token.sub' } },
  })
})

test('with domains configured, a site outside them is not served', async () => {
  const owner = { name: 'alice', oauth2: { id: 'sub-of-alice', username: 'alice' } }
  const body = { domain: 'custom.example', owner }
  expect((await running.control('/plugin/farmmanager/sites', { method: 'POST', body })).status).toBe(201)
  expect((await new Visitor().ask(`${running.site('custom.example')}/`)).status).toBe(400)
})
