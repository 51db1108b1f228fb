/** What people are told while the service is down, slow, or does not know this wiki; and how accounts are linked. */
import { eventually } from '@wikistead/test/eventually'
import { createServer, type RequestListener } from 'node:http'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sendForm } from '@wikistead/mediawiki-template/test/web-form'
import type { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rest, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
let ada: Visitor
beforeAll(async () => {
  farm = started.use(await startHubWorld())
  ada = await farm.member('Ada')
})
afterAll(() => started.disposeAsync())

const notes = { name: 'Notes', slug: 'notes', language: 'en' }
const settings = () => join(farm.world.wikisFolder, 'hub/FarmSettings.php')

/** PHP looks for changes of its files every other second. */
async function withSettings(php: string, holds: () => Promise<boolean>): Promise<void> {
  await writeFile(settings(), `<?php\n${php}\n`)
  await eventually(async () => expect(await holds()).toBe(true), 250)
}
let asked = 0
/** Another page each time: an answer is kept for a while. */
const featured = () => rest(ada, farm.hub, 'GET', `/wikis/featured?offset=${String((asked += 100))}`)

/** Somebody in the service's place. */
async function standIn(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  started.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${String((server.address() as { port: number }).port)}`
}

async function expectTold(code: string, words: string): Promise<void> {
  const token = await ada.token(farm.hub, 'csrf')
  for (const answer of [
    await featured(),
    await rest(ada, farm.hub, 'POST', '/wikis', { ...notes, token }),
    await rest(ada, farm.hub, 'GET', '/tasks/any/events'),
  ]) {
    expect(answer, answer.text).toMatchObject({
      json: { code, message: expect.stringContaining(words) as string },
    })
    expect([502, 503]).toContain(answer.status)
  }
  const page = await ada.get(farm.hub, '/wiki/Special:WikiFarm')
  expect(page.status).toBe(200)
  expect(page.text).toContain(words)
  expect(page.text).not.toMatch(/127\.0\.0\.1:\d+\/provisioner|⧼/)
}

test('an account is linked by the browser that began it, after the hub has said who it is there', async () => {
  const { stack } = farm.world
  const rosa = await stack.newMember('Rosa')
  const cookie = `wikistead-session=${await stack.store.sessions.create({ userId: rosa.id, userAgent: '', provenAt: stack.store.now() })}`
  const inConsole = async (path: string, options: RequestInit = {}) =>
    fetch(stack.url + path, { redirect: 'manual', ...options, headers: { cookie, ...options.headers } })
  const begun = new URL((await inConsole('/auth/link/hub')).headers.get('location') ?? '')
  expect(begun.host).toBe(farm.hub)
  const link = `/wiki/Special:WikiFarm/Link?code=${begun.searchParams.get('code') ?? ''}`
  const stranger = farm.visitor()
  const led = (await stranger.get(farm.hub, link)).headers['location']
  expect(String(led)).toMatch(/Special(?::|%3A)UserLogin.*returntoquery=code/)
  const page = await ada.get(farm.hub, link)
  expect(page.text).toContain('Go on to the console')
  expect(page.headers['referrer-policy']).toBe('no-referrer')
  const done = await sendForm(ada, farm.hub, page, 'link', {})
  const back = new URL(String(done.headers['location']))
  expect([done.status, back.pathname]).toEqual([302, '/account/hub-link'])
  // Pressing the button alone changes nothing.
  expect((await stack.store.users.identities(rosa.id)).length).toBe(1)
  const { csrf_token: csrf } = (await (await inConsole('/v1/session')).json()) as { csrf_token: string }
  const path = `/v1/hub-links/${back.hash.slice(1)}`
  expect(await (await inConsole(path)).json()).toMatchObject({ name: 'Rosa', hub_name: 'Ada' })
  const accepted = await inConsole(`${path}/accept`, { method: 'POST', headers: { 'x-csrf-token': csrf } })
  expect(accepted.status).toBe(200)
  expect(await stack.store.users.identities(rosa.id)).toContainEqual({
    issuer: `http://${farm.hub}`,
    subject: '3',
  })
  const again = await sendForm(ada, farm.hub, page, 'link', {})
  expect(again.text).toContain('This link')
  expect((await ada.get(farm.hub, '/wiki/Special:WikiFarm/Link')).text).toContain('lacks a code')
})

test('the service is down', async () => {
  await withSettings(
    "$wgWikiFarmServiceURL = 'http://127.0.0.1:9';",
    async () => (await featured()).status === 503,
  )
  await expectTold('service_unreachable', 'does not answer at the moment')
})

test('it takes its time for ever', async () => {
  let reached = 0
  const url = await standIn(() => {
    reached += 1
  })
  await withSettings(`$wgWikiFarmServiceURL = '${url}';`, async () => {
    expect((await featured()).json['code']).toBe('service_unreachable')
    return reached > 0
  })
  const page = await ada.get(farm.hub, '/wiki/Special:WikiFarm')
  expect(page.status).toBe(200)
  expect(page.text).toContain('does not answer at the moment')
})

test('it says what nobody understands', async () => {
  const url = await standIn((_request, answer) => {
    answer.end('<html>It works!</html>')
  })
  await withSettings(
    `$wgWikiFarmServiceURL = '${url}';`,
    async () => (await featured()).json['code'] === 'service_failed',
  )
  const words = 'Something went wrong at the farm'
  expect((await featured()).json['message']).toContain(words)
  expect((await ada.get(farm.hub, '/wiki/Special:WikiFarm')).text).toContain(words)
})

test('the two do not share a secret, or there is none', async () => {
  const own = () => rest(ada, farm.hub, 'GET', '/users/me/wikis')
  await withSettings(
    `$wgWikiFarmServiceSecret = '${'x'.repeat(40)}';`,
    async () => (await own()).json['code'] === 'service_token_invalid',
  )
  expect((await own()).status).toBe(502)
  await withSettings(
    "$wgWikiFarmServiceSecret = 'short';",
    async () => (await own()).json['code'] === 'service_off',
  )
  await withSettings('', async () => (await own()).status === 200)
})
