/** Suspending a site against its owner's will, over a real farm, and over one that is away. */
import { eventually } from '@wikistead/test/eventually'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'

let farm: FarmForTests
let stack: Stack
let ada: { readonly id: number; readonly token: string }
beforeAll(async () => {
  farm = await startTestFarm()
  stack = await startStack({
    farmUrl: farm.url,
    settings: { 'support-url': 'https://help.example.org/' },
  })
  ada = await stack.newMember('Ada')
})
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
  await farm[Symbol.asyncDispose]()
})

async function visit(domain: string): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await request(`${farm.url}/view/welcome-visitors`, {
    headers: { host: domain },
  })
  return { status: statusCode, text: await body.text() }
}
const asAda = (method: string, path: string, body?: unknown) =>
  stack.call(method, path, body, { token: ada.token })

async function made(domain: string): Promise<string> {
  const { body, status } = await asAda('POST', '/v1/wikis', { engine: 'fedwiki', domain })
  expect(status).toBe(201)
  await expect.poll(async () => (await visit(`${domain}.wiki.localhost`)).status).toBe(200)
  return `/v1/wikis/${String(body['id'])}`
}
const reason = 'Spam <b>bold</b>.'

test('nobody is served it, its owner reads why and can undo nothing, and lifting leaves it as it was', async () => {
  const path = await made('spam')
  expect(await asAda('PATCH', path, { serving: 'readonly' })).toMatchObject({ status: 200 })
  const before = await asAda('GET', path)

  const suspended = await stack.call('PUT', `${path}/suspension`, { reason })
  expect(suspended).toMatchObject({ status: 200, body: { suspension: { reason, in_effect: true } } })
  const { status, text } = await visit('spam.wiki.localhost')
  expect([status, text.includes('Spam &#60;b&#62;bold&#60;/b&#62;.')]).toEqual([403, true])
  expect(text).toContain('href="https://help.example.org/"')

  expect(await asAda('GET', path)).toMatchObject({
    body: { status: 'active', serving: 'readonly', suspension: { reason, in_effect: true } },
  })
  expect(await asAda('GET', '/v1/users/me/wikis')).toMatchObject({
    body: { wikis: [{ suspension: { reason } }] },
  })
  const stranger = await stack.newMember('Eve')
  expect(await stack.call('GET', path, undefined, { token: stranger.token })).toMatchObject({ status: 404 })
  for (const [method, at, body] of [
    ['PATCH', path, { name: 'Other' }],
    ['PATCH', path, { serving: 'active' }],
    ['DELETE', path],
    ['DELETE', `${path}?now=1`],
    ['POST', `${path}/restore`],
    ['POST', `${path}/transfer`],
  ] as const) {
    expect([method, at, (await asAda(method, at, body)).body]).toMatchObject([
      method,
      at,
      { code: 'wiki_suspended', status: 403 },
    ])
  }
  for (const method of ['PUT', 'DELETE'])
    expect(await asAda(method, `${path}/suspension`, { reason: 'x' })).toMatchObject({ status: 403 })
  expect(await stack.call('PUT', `${path}/suspension`, { reason })).toMatchObject({
    ...{ status: 200, body: { updated_at: suspended.body['updated_at'] } },
  })

  const lifted = await stack.call('DELETE', `${path}/suspension`)
  expect(lifted).toMatchObject({ status: 200, body: { suspension: null } })
  expect((await asAda('GET', path)).body).toEqual({
    ...before.body,
    updated_at: expect.any(String) as string,
  })
  expect((await visit('spam.wiki.localhost')).status).toBe(200)
  expect(await stack.call('DELETE', `${path}/suspension`)).toMatchObject({ status: 200 })

  const audit = await stack.call<{ entries: { action: string; reason: string | null }[] }>(
    'GET',
    `/v1/audit?subject=${path.slice('/v1/'.length).replace('wikis', 'wiki')}`,
  )
  const told = audit.body.entries.filter(({ action }) => action === 'suspend' || action === 'lift_suspension')
  expect(told.map((entry) => [entry.action, entry.reason])).toEqual(
    expect.arrayContaining([
      ['lift_suspension', null],
      ['suspend', reason],
    ]),
  )
})

test('a deleted site is suspended and stays in its undo window; an operator may remove it', async () => {
  const path = await made('gone')
  await asAda('DELETE', path)
  await stack.call('PUT', `${path}/suspension`, { reason })
  expect(await asAda('POST', `${path}/restore`)).toMatchObject({ body: { code: 'wiki_suspended' } })
  await stack.call('DELETE', `${path}/suspension`)
  expect(await asAda('POST', `${path}/restore`)).toMatchObject({ body: { status: 'active' } })
  await stack.call('PUT', `${path}/suspension`, { reason })
  expect(await stack.call('DELETE', `${path}?now=1`)).toMatchObject({ body: { status: 'deleted' } })
  // The name is free, and what is made of it anew is not suspended.
  expect(await visit('gone.wiki.localhost')).toMatchObject({ status: 404 })
  await made('gone')
})

test.each([
  ['', 'a reason'],
  ['x'.repeat(501), 'too long'],
  ['a\nb', 'control characters'],
])('a reason has to be one: %j', async (bad) => {
  const path = await made(`bad-${String(bad.length)}`)
  expect(await stack.call('PUT', `${path}/suspension`, { reason: bad })).toMatchObject({
    ...{ status: 400, body: { code: 'invalid_request' } },
  })
  await eventually(async () => expect((await asAda('GET', path)).body['suspension']).toBeNull())
})
