import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, expect, test } from 'vitest'

let api: ApiUnderTest
let ada: Asker
let bob: Asker
beforeAll(async () => {
  api = await startApiUnderTest()
  ada = await api.user('ada')
  bob = await api.user('bob')
})
afterAll(() => api[Symbol.asyncDispose]())

async function stateOf(name: string, as = ada, query = '') {
  const { status, body } = await api.ask('GET', `/v1/names/fedwiki/${name}${query}`, { as })
  return [status, body['state'], body['address']]
}

test('free, with the address that it would have', async () => {
  expect(await stateOf('notes')).toEqual([200, 'free', 'notes.wiki.test'])
  expect(await stateOf('notes.wiki.test')).toEqual([200, 'free', 'notes.wiki.test'])
})

test.each(['admin', 'commons', 'admin.wiki.test'])('%s is reserved, and it is said why', async (name) => {
  const { body } = await api.ask('GET', `/v1/names/fedwiki/${name}`, { as: ada })
  expect(body).toMatchObject({ state: 'reserved', reason: expect.stringContaining('reserved') as string })
})

test.each(['a', 'Notes', 'no_tes', 'xn--abc', '..%2Fx', 'a%00b', 'wiki.test', '%F0%9F%A6%8A'])(
  '%s is no name, and it is said which are',
  async (name) => {
    const { status, body } = await api.ask('GET', `/v1/names/fedwiki/${name}`, { as: ada })
    expect([status, body['state']]).toEqual([200, 'invalid'])
    expect(body['reason']).toMatch(/3 to 63 lower-case letters/)
  },
)

test('taken, whoever has it and whatever they keep hidden', async () => {
  await api.wiki(ada, 'public.wiki.test')
  await api.wiki(ada, 'hidden.wiki.test', { visibility: 'private' })
  await api.wiki(ada, 'coming.wiki.test', { status: 'creating' })
  const answers = []
  for (const name of ['public', 'hidden', 'coming']) {
    const { body } = await api.ask('GET', `/v1/names/fedwiki/${name}`, { as: bob })
    answers.push({ ...body, name: '', address: '' })
  }
  // Nothing tells one from the other.
  expect(answers).toEqual(answers.map(() => ({ engine: 'fedwiki', name: '', address: '', state: 'taken' })))
})

test('what was deleted can be restored by its owner, and is taken for others', async () => {
  await api.wiki(ada, 'deleted.wiki.test', { status: 'archived' })
  expect(await stateOf('deleted')).toEqual([200, 'restorable', 'deleted.wiki.test'])
  expect(await stateOf('deleted', bob)).toEqual([200, 'taken', 'deleted.wiki.test'])
})

test('a name is free again once nobody holds it', async () => {
  const wiki = await api.wiki(ada, 'gone.wiki.test')
  await api.store.wikis.release(wiki.wiki_id, 'deleted')
  expect(await stateOf('gone', bob)).toEqual([200, 'free', 'gone.wiki.test'])
})

test('custom domains: off by default, and never the farm’s own', async () => {
  expect(await stateOf('notes.example.org', ada, '?custom_domain=1')).toEqual([
    ...[200, 'invalid', 'notes.example.org'],
  ])
  await using open = await startApiUnderTest({
    deps: {
      fedwiki: {
        rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test', customDomains: true },
        ...{
          siteLimit: 1,
          siteUrl: (domain) => domain,
          undoWindowMs: 0,
          isEmbedded: false,
          proveControl: () => Promise.resolve(),
        },
      },
    },
  })
  const as = await open.user('ada')
  for (const [name, state] of [
    ['notes.example.org', 'free'],
    ['notes.wiki.test', 'invalid'],
    ['wiki.test', 'reserved'],
    ['test', 'invalid'],
    ['127.0.0.1', 'invalid'],
    ['www.example.org', 'invalid'],
    ['example.org.', 'invalid'],
  ]) {
    const { body } = await open.ask('GET', `/v1/names/fedwiki/${name ?? ''}?custom_domain=1`, { as })
    expect([name, body['state']]).toEqual([name, state])
  }
})

test('an engine that is off or unknown', async () => {
  expect((await api.ask('GET', '/v1/names/mediawiki/notes', { as: ada })).status).toBe(503)
  expect((await api.ask('GET', '/v1/names/wordpress/notes', { as: ada })).status).toBe(400)
})
