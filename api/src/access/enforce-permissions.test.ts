import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import type { TokenScope } from '@wikistead/contracts'
import { freshStore } from '@wikistead/test/stores'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enforcePermissions } from './enforce-permissions.ts'

let api: ApiUnderTest
let owner: Asker
let operator: Asker
beforeAll(async () => {
  api = await startApiUnderTest()
  owner = await api.user('owner')
  operator = await api.user('operator', 'operator')
})
afterAll(() => api[Symbol.asyncDispose]())

/** A token of theirs that is good for no more than these. */
const only = async ({ id }: Asker, ...scopes: TokenScope[]): Promise<Asker> => ({
  id,
  token: await api.store.tokens.issue(id, { label: scopes.join(), scopes }),
})

test('a route that the table does not name cannot be registered', async () => {
  await using fresh = await freshStore('sqlite')
  const app = fastify()
  enforcePermissions(app, fresh.store, [], () => Promise.resolve())
  expect(() => app.get('/v1/nobody-thought-of-it', () => 'x')).toThrow(
    /GET \/v1\/nobody-thought-of-it has no/,
  )
  expect(() => app.route({ method: ['GET', 'DELETE'], url: '/v1/wikis', handler: () => 'x' })).toThrow(
    /DELETE \/v1\/wikis has no/,
  )
  await app.close()
})

test('a token does what its scopes say, each for itself', async () => {
  const { wiki_id: id } = await api.wiki(owner, 'scopes.wiki.test')
  const path = `/v1/wikis/${String(id)}`
  const body = { name: 'Renamed' }
  const outcomes = async (as: Asker) => [
    (await api.ask('GET', path, { as })).status,
    (await api.ask('PATCH', path, { as, body })).status,
    (await api.ask('PATCH', path, { as, body: { featured: true } })).status,
    (await api.ask('GET', '/v1/alarms', { as })).status,
  ]
  expect(await outcomes(await only(owner, 'read'))).toEqual([200, 403, 403, 403])
  expect(await outcomes(await only(owner, 'wikis'))).toEqual([403, 200, 403, 403])
  expect(await outcomes(await only(owner, 'operate', 'admin'))).toEqual([403, 403, 403, 403])
  expect(await outcomes(await only(operator, 'wikis'))).toEqual([403, 403, 403, 403])
  expect(await outcomes(await only(operator, 'operate'))).toEqual([403, 200, 200, 403])
  expect(await outcomes(await only(operator, 'read'))).toEqual([200, 403, 403, 200])
})

test('a token that lacks a scope is told which, and learns nothing else', async () => {
  const { wiki_id: id } = await api.wiki(operator, 'hidden.wiki.test', { visibility: 'private' })
  const as = await only(owner, 'read')
  const ask = async (wiki: number) =>
    (await api.ask('DELETE', `/v1/wikis/${String(wiki)}`, { as })).body as { code: string; details: object }
  const { code, details } = await ask(id)
  expect([code, details]).toEqual(['scope_missing', { scope: 'wikis' }])
  expect(await ask(4711)).toMatchObject({ code, details })
})

test('strangers are not told on which host a wiki is, nor what is at work on it', async () => {
  const wiki = await api.wiki(owner, 'placed.wiki.test', { host: 'h1', status: 'changing', taskId: 'a-task' })
  const shown = async (as?: Asker) => {
    const { body } = await api.ask('GET', `/v1/wikis/${String(wiki.wiki_id)}`, { as })
    const list = await api.ask('GET', '/v1/wikis?q=placed', { as })
    return [body['host'], body['task_id'], list.text.includes('a-task')]
  }
  expect(await shown()).toEqual([null, null, false])
  expect(await shown(await api.user('stranger'))).toEqual([null, null, false])
  expect(await shown(owner)).toEqual(['h1', 'a-task', true])
  expect(await shown(operator)).toEqual(['h1', 'a-task', true])
})
