import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

let farm: FarmForTests
let stack: Stack

beforeAll(async () => {
  farm = await startTestFarm()
  stack = await startStack({ farmUrl: farm.url })
})
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
  await farm[Symbol.asyncDispose]()
})

interface SiteAnswer {
  readonly id: number
  readonly address: string
  readonly status: string
  readonly serving: string
  readonly purge_after: string | null
}

/** What a visitor gets; node knows no *.localhost, so the name goes into the Host header. */
async function visit(domain: string, path: string): Promise<{ status: number; text: string }> {
  const { request } = await import('undici')
  const { statusCode, body } = await request(farm.url + path, { headers: { host: domain } })
  return { status: statusCode, text: await body.text() }
}

test('a site is made, serves, belongs to its maker, is deleted, restored and removed for good', async () => {
  const made = await stack.call<SiteAnswer>('POST', '/v1/wikis', { engine: 'fedwiki', domain: 'ada' })
  expect(made).toMatchObject({ status: 201, body: { address: 'ada.wiki.localhost', status: 'active' } })
  expect(made.headers.get('location')).toBe(`/v1/wikis/${String(made.body.id)}`)
  await expect
    .poll(async () => (await visit('ada.wiki.localhost', '/welcome-visitors.json')).status)
    .toBe(200)
  const owner: unknown = JSON.parse(
    await readFile(join(farm.farm.sitesFolder, 'ada.wiki.localhost/status/owner.json'), 'utf8'),
  )
  expect(owner).toEqual({
    name: 'Local admin',
    oauth2: { id: 'wikistead-local-admin', username: 'Local admin' },
  })

  const path = `/v1/wikis/${String(made.body.id)}`
  const deleted = await stack.call<SiteAnswer>('DELETE', path)
  expect(deleted).toMatchObject({ status: 200, body: { status: 'archived' } })
  expect(Date.parse(deleted.body.purge_after ?? '')).toBeGreaterThan(Date.now() + 6 * 86_400_000)
  expect((await visit('ada.wiki.localhost', '/welcome-visitors.json')).text).toContain('archived')
  expect(await stack.call('GET', '/v1/names/fedwiki/ada')).toMatchObject({ body: { state: 'restorable' } })

  const restored = await stack.call<SiteAnswer>('POST', `${path}/restore`)
  expect(restored).toMatchObject({ status: 200, body: { status: 'active', purge_after: null } })
  expect((await visit('ada.wiki.localhost', '/welcome-visitors.json')).text).not.toContain('archived')

  expect(await stack.call('DELETE', `${path}?now=1`)).toMatchObject({ body: { status: 'deleted' } })
  expect(await stack.call('GET', '/v1/names/fedwiki/ada')).toMatchObject({ body: { state: 'free' } })
  expect(await stack.call('DELETE', `${path}?now=1`)).toMatchObject({
    status: 200,
    body: { status: 'deleted' },
  })
})
